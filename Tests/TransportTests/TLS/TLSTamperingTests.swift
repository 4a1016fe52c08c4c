import Protocols
import Testing
import Transport
import WireTestKit

/// Somebody on the way changes one thing, anywhere in the handshake or behind it.
@Suite(.timeLimit(.minutes(5)))
struct TLSTamperingTests {
    enum Change: CaseIterable, Sendable { case flip, drop, insert, repeatPiece, cut }

    /// What is done to one direction of a connection, once.
    struct Attack: Sendable {
        var change: Change
        var offset: Int
        var isUpward: Bool

        /// Nothing binds the heads of the hellos' records, and what comes after the end is nobody's: a change there does
        /// no harm, and may pass.
        var mustBeNoticed: Bool { offset >= 1000 && change != .repeatPiece }

        init(_ change: Change, _ generator: inout SplitMix64) {
            self.change = change
            offset = Int.random(in: 0..<7000, using: &generator)
            isUpward = Bool.random(using: &generator)
        }
    }

    @Test(arguments: Change.allCases)
    func `no byte is believed that the other side has not sent there, and no end`(_ change: Change) async throws {
        let pki = try await TestPKI.shared
        let server = try pki.server(clients: .required(pki.trust()))
        let client = try pki.client(identity: "alice")
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let attack = Attack(change, &generator)
            try await expectNothingWrong(server, client, attack, "seed \(seed), \(attack)")
        }
    }

    private func expectNothingWrong(
        _ server: TLSServerContext, _ client: TLSClientContext, _ attack: Attack, _ comment: Comment
    ) async throws {
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let (near, nearRelay) = try await connectedPair(group)
                let (farRelay, far) = try await connectedPair(group)
                let hits = Counter()
                async let up: Void = pass(nearRelay, farRelay, attack.isUpward ? attack : nil, hits)
                async let down: Void = pass(farRelay, nearRelay, attack.isUpward ? nil : attack, hits)
                async let answer = exchange(far, 0x55) { await far.handshake(as: server) }
                let question = await exchange(near, 0xAA) { await near.handshake(to: "localhost", with: client) }
                let ends = (question, await answer)
                for socket in [near, nearRelay, farRelay, far] { socket.close() }
                _ = await (up, down)
                #expect(ends.0.received == [UInt8](repeating: 0x55, count: ends.0.received.count), comment)
                #expect(ends.1.received == [UInt8](repeating: 0xAA, count: ends.1.received.count), comment)
                #expect(max(ends.0.received.count, ends.1.received.count) <= Self.length, comment)
                if hits.count == 0 || attack.mustBeNoticed {
                    #expect((ends.0.isWhole && ends.1.isWhole) == (hits.count == 0), comment)
                }
            }
        }
    }

    struct Outcome: Sendable {
        var received: [UInt8] = []
        /// The peer's close_notify came after all that it was to send.
        var isWhole = false
    }

    private static let length = 4000

    /// Shakes hands, sends that many bytes of one value, and reads until the end or a failure.
    private func exchange(
        _ socket: Socket, _ byte: UInt8, _ handshake: () async -> Result<TLSFacts, TransportError>
    ) async -> Outcome {
        var outcome = Outcome()
        defer { socket.drainThenClose() }
        guard case .success = await handshake() else { return outcome }
        do {
            try socket.send([UInt8](repeating: byte, count: Self.length).span)
            socket.shutdownWrite()
            while true {
                await socket.readable()
                var buffer = socket.loop.lease()
                guard let count = try socket.read(into: &buffer) else { continue }
                if count == 0 { break }
                outcome.received.append(buffer.bytes)
            }
            outcome.isWhole = outcome.received.count == Self.length
        } catch {}
        return outcome
    }

    /// Passes on one direction; the attack falls on the piece that holds its offset.
    private func pass(
        _ source: Socket, _ destination: Socket, _ attack: Attack?, _ hits: Counter
    ) async {
        var passed = 0
        do {
            while true {
                await source.readable()
                var buffer = source.loop.lease()
                guard let count = try source.read(into: &buffer) else { continue }
                if count == 0 { break }
                var bytes = [UInt8](copying: buffer.bytes)
                if let attack, (passed..<passed + count).contains(attack.offset) {
                    hits.increment()
                    // Each side may now wait for what the other one has sent.
                    source.loop.schedule(after: .milliseconds(20)) { source.close() }
                    let place = attack.offset - passed
                    switch attack.change {
                    case .flip: bytes[place] ^= 1 << UInt8(attack.offset % 8)
                    case .drop: bytes.remove(at: place)
                    // Before a byte like it, the last one of all, it would only come behind the end.
                    case .insert: bytes.insert(bytes[place] == 0x17 ? 0x16 : 0x17, at: place)
                    case .repeatPiece: bytes += bytes
                    case .cut: bytes.removeSubrange(place...)
                    }
                    try destination.send(bytes.span)
                    if attack.change == .cut { break }
                } else {
                    try destination.send(bytes.span)
                }
                passed += count
            }
            destination.shutdownWrite()
        } catch {
            destination.close()
        }
    }
}
