import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Transport

/// Peers that do not keep to the protocol, before the handshake, in it and after it.
@Suite(.timeLimit(.minutes(5)))
struct TLSHostileBytesTests {
    /// A server of ours in its handshake, and a peer that sends what it likes.
    private func withVictim(
        within limit: Duration = .seconds(60),
        _ body: @escaping @Sendable (_ attacker: Socket, _ victim: Task<TLSFacts, any Error>) async throws -> Void
    ) async throws {
        let context = try await TestPKI.shared.server()
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let (attacker, socket) = try await connectedPair(group)
                let victim = Task(executorPreference: loop) {
                    defer { socket.drainThenClose() }
                    return try await socket.startTLS(as: context, within: limit)
                }
                try await body(attacker, victim)
                attacker.close()
                _ = await victim.result
            }
            try await until { group.connectionCount == 0 }
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
        "\u{0}\u{0}\u{0}\u{8}\u{4}\u{d2}\u{16}/",
    ])
    func `what is no TLS is called so`(_ text: String) async throws {
        try await withVictim { attacker, victim in
            try attacker.send(Array(text.utf8).span)
            await #expect(throws: TransportError.tls(.notTLS)) { try await victim.value }
        }
    }

    @Test func `a peer that says nothing is given up after the limit`() async throws {
        try await withVictim(within: .milliseconds(20)) { _, victim in
            await #expect(throws: TransportError.timedOut) { try await victim.value }
        }
    }

    @Test func `a peer that dribbles its hello is given up after the limit`() async throws {
        try await withVictim(within: .milliseconds(50)) { attacker, victim in
            let dribble = Task(executorPreference: attacker.loop) {
                // The head of a record and of a hello of 512 bytes, which never becomes whole.
                var bytes: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]
                bytes += [UInt8](repeating: 0, count: 400)
                for byte in bytes {
                    try attacker.send([byte].span)
                    try await attacker.loop.sleep(for: .milliseconds(2))
                }
            }
            await #expect(throws: TransportError.timedOut) { try await victim.value }
            dribble.cancel()
            _ = await dribble.result
        }
    }

    @Test func `a peer that leaves during the handshake is no failure worth a line`() async throws {
        try await withVictim { attacker, victim in
            try attacker.send([0x16, 3, 1, 2, 0].span)
            attacker.close()
            let failure = await #expect(throws: TransportError.tls(.endedInHandshake)) { try await victim.value }
            #expect(failure?.isDisconnect == true)
        }
    }

    @Test func `a hello without end is not listened to for more than its limit`() async throws {
        try await withVictim { attacker, victim in
            // One hello of 128,000 bytes, in records of 16,000.
            var bytes: [UInt8] = []
            for index in 0..<8 {
                let head: [UInt8] = index == 0 ? [1, 1, 0xf4, 0, 3, 3] : []
                bytes += [0x16, 3, 1, 0x3e, 0x80] + head + [UInt8](repeating: 0, count: 16_000 - head.count)
            }
            try attacker.send(bytes.span)
            await #expect(throws: TransportError.tls(.handshakeTooLong(limit: 65_536))) { try await victim.value }
        }
    }

    @Test func `random bytes after a plausible beginning break the handshake and nothing else`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let length = Int.random(in: 1...600, using: &generator)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let record: [UInt8] = [0x16, 3, 1, UInt8(length >> 8), UInt8(length & 0xff)] + noise
            try await withVictim { attacker, victim in
                try attacker.send(record.span)
                attacker.shutdownWrite()
                await #expect(throws: TransportError.self, "seed \(seed)") { try await victim.value }
            }
        }
    }

    @Test func `records without data keep the loop from others for one call's limit only`() async throws {
        var ends: [Int32] = [-1, -1]
        // SAFETY: socketpair fills two elements.
        #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let flood = [UInt8](repeating: 0x17, count: 192 << 10)
        #expect(unsafe Glibc.send(ends[0], flood, flood.count, Int32(MSG_NOSIGNAL)) == flood.count)
        let wire = TLSWire(ends[1])
        wire.handshakeIsOver()
        var total = 0
        for calls in 1...2 {
            wire.prepare(isHungUp: false)
            var target = [UInt8](repeating: 0, count: 16 << 10)
            while case let count = unsafe target.withUnsafeMutableBytes({ unsafe wire.read(into: $0) }), count > 0 {
                total += count
            }
            #expect(total == min(calls * TLSWire.callLimit, flood.count))
            // Only when the kernel has no more may the reader wait for it.
            #expect(wire.isDry == (calls == 2))
        }
    }

    @Test func `a handshake ends with its socket`() async throws {
        let context = try await TestPKI.shared.server()
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let (client, server) = try await connectedPair(group)
                let handshake = Task(executorPreference: loop) { await server.handshake(as: context) }
                await Task.yield()
                server.close()
                #expect(await handshake.value.failure == .closed)
                client.close()
            }
        }
    }

    // MARK: After the handshake

    /// Writes to the descriptor, which the session does not know.
    private func inject(_ bytes: [UInt8], behind client: Socket) {
        let count = unsafe Glibc.send(client.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        #expect(count == bytes.count)
    }

    @Test func `plaintext after the handshake is not read as if it had come inside`() async throws {
        try await withSession { client, server in
            try client.send([1].span)
            inject(Array("DROP TABLE orders; -- and more than a record's head".utf8), behind: client)
            #expect(try await read(1, from: server) == [1])
            await #expect(throws: TransportError.tls(.notTLS)) { try await readAll(server) }
            #expect(throws: TransportError.self) { try server.send([1].span) }
        }
    }

    @Test(arguments: [UInt8(0x14), 0x15, 0x16, 0x17])
    func `a record that nobody encrypted is not taken`(_ type: UInt8) async throws {
        try await withSession { client, server in
            inject([type, 3, 3, 0, 24] + [UInt8](repeating: 1, count: 24), behind: client)
            let failure = await #expect(throws: TransportError.self) { try await readAll(server) }
            guard case .tls(.broken) = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
        }
    }

    @Test func `a close_notify that nobody encrypted is no end`() async throws {
        try await withSession { client, server in
            inject([0x15, 3, 3, 0, 2, 1, 0], behind: client)
            shutdown(client.descriptor, Int32(SHUT_WR))
            let failure = await #expect(throws: TransportError.self) { try await readAll(server) }
            guard case .tls(.broken) = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
        }
    }

    @Test(arguments: Tampering.allCases)
    func `what was changed on its way is noticed`(_ tampering: Tampering) async throws {
        let pki = try await TestPKI.shared
        let (context, trusting) = (try pki.server(), try pki.client())
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let (client, near) = try await connectedPair(group)
                let (far, server) = try await connectedPair(group)
                let relay = Task(executorPreference: loop) { await pass(far, near, nil) }
                let attack = Task(executorPreference: loop) { await pass(near, far, tampering) }
                async let answer = server.handshake(as: context)
                _ = try await client.handshake(to: "localhost", with: trusting).get()
                _ = try await answer.get()
                try client.send(Array("tamper with this".utf8).span)
                let failure = await #expect(throws: TransportError.self) { try await readAll(server) }
                #expect(failure == .tls(.broken(reason: "decryption failed or bad record mac")))
                for socket in [client, near, far, server] { socket.close() }
                _ = await (relay.value, attack.value)
            }
        }
    }

    enum Tampering: CaseIterable { case flippedBit, repeated }

    /// Passes on what comes, and lays hands on the first record of application data behind the handshake.
    private func pass(_ source: Socket, _ destination: Socket, _ tampering: Tampering?) async {
        while let bytes = try? await next(source), !bytes.isEmpty {
            var changed = bytes
            // The record of 16 bytes: 5 of head, 16 of data, 1 of type, 16 of tag.
            if let tampering, bytes.count == 38 {
                switch tampering {
                case .flippedBit: changed[12] ^= 1
                case .repeated: changed += bytes
                }
            }
            guard (try? destination.send(changed.span)) != nil else { break }
        }
    }

    private func next(_ source: Socket) async throws(TransportError) -> [UInt8] {
        while true {
            await source.readable()
            var buffer = source.loop.lease()
            guard try source.read(into: &buffer) != nil else { continue }
            return [UInt8](copying: buffer.bytes)
        }
    }
}
