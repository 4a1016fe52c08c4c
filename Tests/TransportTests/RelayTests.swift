import Glibc
import Testing
import Transport
import WireTestKit

/// A relay as the gateway builds it: an actor pinned to the client's loop, two lanes, no task that merely waits.
actor Relay {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    private let client: Socket
    private let server: Socket

    init(_ client: Socket, _ server: Socket) {
        self.client = client
        self.server = server
        loop = client.loop
    }

    func run() async {
        async let answers: Void = lane(from: server, to: client)
        await lane(from: client, to: server)
        await answers
        client.drainThenClose()
        server.drainThenClose()
    }

    private func lane(from source: Socket, to destination: Socket) async {
        do {
            while true {
                await source.readable()
                var buffer = loop.lease()
                guard let count = try source.read(into: &buffer) else { continue }
                if count == 0 { break }
                try destination.send(buffer.bytes)
                if destination.isAboveMark { await destination.belowMark() }
            }
            destination.shutdownWrite()
        } catch {
            client.close()
            server.close()
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct RelayTests {
    @Test func `what many clients send in random pieces comes back through a relay unchanged`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withLoops(3) { group in
            let server = try listen(group)
            let relay = try listen(group) { client in
                guard
                    let upstream = try? await Socket.connect(to: server.address, on: client.loop, within: .seconds(60))
                else { return client.close() }
                await Relay(client, upstream).run()
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<60 {
                    tasks.addTask {
                        try await on(group.loops[index % 3]) { loop in
                            try await converse(with: relay.address, on: loop, seed: seed &+ UInt64(index))
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    /// Sends and reads at the same time, each in random pieces; some read slowly.
    private func converse(with address: SocketAddress, on loop: EventLoop, seed: UInt64) async throws {
        var generator = SplitMix64(seed: seed)
        let bytes = (0..<Int.random(in: 1...300_000, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
        let isSlow = Bool.random(using: &generator)
        let socket = try await Socket.connect(to: address, on: loop, within: .seconds(60))
        defer { socket.close() }
        async let answer = readSlowly(socket, isSlow)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...20_000, using: &generator))
            try socket.send(bytes.span.extracting(start..<end))
            await socket.belowMark()
            if Bool.random(using: &generator) { await Task.yield() }
            start = end
        }
        socket.shutdownWrite()
        #expect(try await answer == bytes, "seed \(seed)")
    }

    private func readSlowly(_ socket: Socket, _ isSlow: Bool) async throws -> [UInt8] {
        if isSlow { try await socket.loop.sleep(for: .milliseconds(5)) }
        return try await readAll(socket)
    }

    @Test func `a client that does not read stops the server's lane, and memory stays bounded`() async throws {
        try await withLoops(2) { group in
            let flood = 64 << 20
            let server = try listen(group) { socket in
                let piece = [UInt8](repeating: 9, count: 64 << 10)
                for _ in 0..<(flood / piece.count) {
                    guard (try? socket.send(piece.span)) != nil else { break }
                    await socket.belowMark()
                }
                socket.drainThenClose(within: .seconds(60))
            }
            let legs = Promise<(Socket, Socket)>()
            let relay = try listen(group) { client in
                guard
                    let upstream = try? await Socket.connect(to: server.address, on: client.loop, within: .seconds(60))
                else { return client.close() }
                await legs.fulfil((client, upstream))
                await Relay(client, upstream).run()
            }
            try await on(group.loops[0]) { loop in
                let socket = try await Socket.connect(to: relay.address, on: loop, within: .seconds(60))
                let (client, _) = await legs.value
                try await on(client.loop) { loop in
                    try await loop.wait { client.isAboveMark }
                    #expect(client.queuedBytes <= client.mark + (64 << 10))
                }
                #expect(try await readAll(socket).count == flood)
                try await on(client.loop) { _ in #expect(client.queuedBytes == 0) }
                socket.close()
            }
        }
    }
}
