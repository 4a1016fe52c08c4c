import Testing
import Transport
import WireTestKit

/// What goes between the two ends, however it is cut, arrives as it was.
@Suite(.timeLimit(.minutes(5)))
struct TLSTransferTests {
    @Test(arguments: Chunking.all)
    func `handshake and data survive any cutting of what goes over the wire`(_ chunking: Chunking) async throws {
        let pki = try await TestPKI.shared
        let context = try pki.server(clients: .required(pki.trust()))
        let trusting = try pki.client(identity: "alice")
        try await withLoops(2) { group in
            let server = try listen(group) { socket in
                guard case .success = await socket.handshake(as: context) else { return socket.close() }
                await echo(socket)
            }
            let relay = try listen(group) { client in
                guard
                    let upstream = try? await Socket.connect(to: server.address, on: client.loop, within: .seconds(60))
                else { return client.close() }
                async let answers: Void = cut(upstream, client, chunking)
                await cut(client, upstream, chunking)
                await answers
                client.close()
                upstream.close()
            }
            let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try await on(group.loops[0]) { loop in
                let socket = try await Socket.connect(to: relay.address, on: loop, within: .seconds(60))
                defer { socket.close() }
                _ = try await socket.handshake(to: "localhost", with: trusting).get()
                for piece in chunking.pieces(of: bytes.count).prefix(3000) {
                    try socket.send(bytes.span.extracting(piece))
                }
                let sent = chunking.pieces(of: bytes.count).prefix(3000).last!.upperBound
                socket.shutdownWrite()
                #expect(try await readAll(socket) == Array(bytes[..<sent]))
            }
        }
    }

    /// Passes on what comes in pieces, each of which the receiver can see by itself.
    private func cut(_ source: Socket, _ destination: Socket, _ chunking: Chunking) async {
        do {
            while true {
                await source.readable()
                var buffer = source.loop.lease()
                guard let count = try source.read(into: &buffer) else { continue }
                if count == 0 { break }
                for piece in chunking.pieces(of: count) {
                    try destination.send(buffer.bytes.extracting(piece))
                    await Task.yield()
                }
            }
            destination.shutdownWrite()
        } catch {
            source.close()
            destination.close()
        }
    }

    @Test func `much goes both ways at once, in random pieces, to a reader that is slow`() async throws {
        let pki = try await TestPKI.shared
        let (context, trusting) = (try pki.server(), try pki.client())
        let seed = UInt64.random(in: 0 ... .max)
        try await withLoops(2) { group in
            let server = try listen(group) { socket in
                guard case .success = await socket.handshake(as: context) else { return socket.close() }
                await echo(socket)
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<6 {
                    tasks.addTask {
                        try await on(group.loops[index % 2]) { loop in
                            let socket = try await Socket.connect(to: server.address, on: loop, within: .seconds(60))
                            _ = try await socket.handshake(to: "localhost", with: trusting).get()
                            try await converse(socket, seed: seed &+ UInt64(index))
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    private func converse(_ socket: Socket, seed: UInt64) async throws {
        defer { socket.close() }
        var generator = SplitMix64(seed: seed)
        let bytes = (0..<Int.random(in: 1...4_000_000, using: &generator)).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        async let answer = readSlowly(socket)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...100_000, using: &generator))
            try socket.send(bytes.span.extracting(start..<end))
            await socket.belowMark()
            start = end
        }
        socket.shutdownWrite()
        #expect(try await answer == bytes, "seed \(seed)")
    }

    private func readSlowly(_ socket: Socket) async throws -> [UInt8] {
        try await socket.loop.sleep(for: .milliseconds(5))
        return try await readAll(socket)
    }
}
