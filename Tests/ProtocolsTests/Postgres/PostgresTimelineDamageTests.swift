import Protocols
import Testing
import WireTestKit

/// The timeline of damaged conversations: never a trap, and the same however the bytes are cut.
@Suite struct PostgresTimelineDamageTests {
    private static let captures = Repository.files(in: Repository.root + "/fixtures/postgres", endingIn: ".pcap")

    @Test(arguments: captures)
    func `a damaged conversation is told, and told alike`(_ path: String) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for turns in try await Capture(path: path, serverPorts: ["5432"]).conversations() {
            for _ in 0..<10 {
                let damaged = damage(turns, &random)
                let whole = events(damaged, .whole)
                for chunking in [Chunking.byteByByte, .random(seed: random.next())] {
                    let cut = events(damaged, chunking)
                    #expect(cut == whole, "seed \(seed), \(chunking)")
                    if cut != whole { return }
                }
            }
        }
    }

    /// Kerberos 5 (authentication request 2) is of before 9.3, and what it carries is not known.
    @Test(arguments: [Chunking.whole, .byteByByte])
    func `that a login cannot be read is told once`(_ chunking: Chunking) {
        let startup: [UInt8] = [0, 0, 0, 15, 0, 3, 0, 0] + Array("user".utf8) + [0, 0, 0]
        let kerberos: [UInt8] = [0x52, 0, 0, 0, 8, 0, 0, 0, 2]
        let told = events(
            [
                .bytes(startup, .clientToServer), .bytes(kerberos, .serverToClient),
                .bytes([1, 2, 3, 4, 5, 6, 7], .clientToServer), .bytes([8, 9], .serverToClient),
                .bytes([1, 2, 3], .clientToServer),
            ], chunking)
        #expect(
            told.filter { $0.kind == "opaque" }.map(\.title) == [
                "what the client sends from here on is not readable",
                "what the server sends from here on is not readable",
            ])
    }

    @Test(arguments: captures)
    func `holes anywhere are told, and nothing traps`(_ path: String) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for turns in try await Capture(path: path, serverPorts: ["5432"]).conversations() {
            for _ in 0..<10 {
                let holed = punch(damage(turns, &random), &random)
                let told = events(holed, .random(seed: random.next()))
                #expect(told.contains { $0.kind == "gap" || $0.kind == "fault" }, "seed \(seed)")
                #expect(told.map(\.sequence) == Array(1...UInt64(told.count)), "seed \(seed)")
            }
        }
    }

    /// Flips, repeats, drops or swaps something, or nothing.
    private func damage(_ turns: [WireTurn], _ random: inout SplitMix64) -> [WireTurn] {
        var turns = turns
        for _ in 0..<Int.random(in: 0...3, using: &random) where !turns.isEmpty {
            let index = Int.random(in: 0..<turns.count, using: &random)
            guard case .bytes(var bytes, let direction) = turns[index], !bytes.isEmpty else { continue }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            case 1: turns.insert(turns[index], at: index)
            case 2: turns.swapAt(index, Int.random(in: 0..<turns.count, using: &random))
            default: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            }
            turns[index] = .bytes(bytes, direction)
        }
        return turns
    }

    /// Takes out a piece of one turn, or a whole one.
    private func punch(_ turns: [WireTurn], _ random: inout SplitMix64) -> [WireTurn] {
        let index = Int.random(in: 0..<turns.count, using: &random)
        guard case .bytes(let bytes, let direction) = turns[index] else { return turns }
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = Int.random(in: start...bytes.count, using: &random)
        let hole = Bool.random(using: &random) ? UInt64(end - start) : 0
        return turns[..<index]
            + [
                .bytes(Array(bytes[..<start]), direction), .gap(hole, direction),
                .bytes(Array(bytes[end...]), direction),
            ]
            + turns[(index + 1)...]
    }

    private func events(_ turns: [WireTurn], _ chunking: Chunking) -> [TimelineEvent] {
        var limits = WireLimits()
        limits.wholeBytes = 200
        limits.statementBytes = 300
        var builder = PostgresTimeline(limits: limits)
        var time = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
        var events: [TimelineEvent] = []
        for turn in turns {
            time.monotonicNanoseconds += 1
            switch turn {
            case .gap(let length, let direction): builder.gap(length, direction, stream: 0, at: time)
            case .bytes(let bytes, let direction):
                for piece in chunking.pieces(of: bytes.count) {
                    builder.data(bytes.span.extracting(piece), direction, stream: 0, at: time)
                }
            }
            events += builder.drain()
        }
        builder.finish(at: time)
        return events + builder.drain()
    }
}
