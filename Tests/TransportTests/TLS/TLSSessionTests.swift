import Glibc
import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct TLSSessionTests {
    /// Two ends of an established session.
    private func withSession(
        _ body: @escaping @Sendable (_ client: Socket, _ server: Socket) async throws -> Void
    )
        async throws
    {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(), try pki.client()) { handshake, client, server in
            _ = (try handshake.client.get(), try handshake.server.get())
            try await body(client, server)
        }
    }

    @Test func `two of us agree on TLS 1.3, and each knows the other`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(), try pki.client()) { handshake, client, server in
            let (near, far) = (try handshake.client.get(), try handshake.server.get())
            #expect(near.version == "TLSv1.3" && far.version == "TLSv1.3")
            #expect(near.cipher == far.cipher && near.cipher.hasPrefix("TLS_"))
            #expect(near.isPeerVerified && !far.isPeerVerified)
            #expect(far.serverName == "localhost")
            #expect(far.peerCertificate == nil && near.localCertificate == nil)
            #expect(near.peerCertificate == far.localCertificate && near.peerCertificate?.endPoint != nil)
            #expect(near.applicationProtocol == nil && far.applicationProtocol == nil)
            try client.send([1, 2, 3].span)
            #expect(try await read(3, from: server) == [1, 2, 3])
        }
    }

    @Test(arguments: [true, false])
    func `each end may end first, and the other's bytes still arrive`(_ isClientFirst: Bool) async throws {
        try await withSession { client, server in
            let (first, second) = isClientFirst ? (client, server) : (server, client)
            try first.send([1, 2, 3].span)
            first.shutdownWrite()
            #expect(try await readAll(second) == [1, 2, 3])
            try second.send([4, 5].span)
            second.shutdownWrite()
            #expect(try await readAll(first) == [4, 5])
            #expect(try await readAll(first) == [], "the end can be read again")
        }
    }

    @Test func `a connection that is cut is no end: the reader is told, after all that came before`() async throws {
        try await withSession { client, server in
            try server.send([1, 2, 3].span)
            shutdown(server.descriptor, Int32(SHUT_WR))
            #expect(try await read(3, from: client) == [1, 2, 3])
            await #expect(throws: TransportError.tls(.truncated)) { try await readAll(client) }
            await #expect(throws: TransportError.tls(.truncated)) { try await readAll(client) }
        }
    }

    @Test func `a reset is an error for the reader and, for good, for the writer`() async throws {
        try await withSession { client, server in
            server.reset()
            await #expect(throws: TransportError.system(.read, errno: ECONNRESET)) { try await readAll(client) }
            #expect(throws: TransportError.system(.write, errno: EPIPE)) { try client.send([1].span) }
            #expect(throws: TransportError.system(.write, errno: EPIPE)) { try client.send([1].span) }
        }
    }

    @Test func `closing wakes a parked reader, which is told`() async throws {
        try await withSession { client, _ in
            let reader = Task(executorPreference: client.loop) { try await readAll(client) }
            await Task.yield()
            client.close()
            await #expect(throws: TransportError.closed) { try await reader.value }
        }
    }

    @Test func `nothing leaves before its position is released, and then all of it in order`() async throws {
        try await withSession { client, server in
            try client.send([1].span)
            try client.send([2, 2].span, position: 10)
            try client.send([3].span, position: 20)
            #expect(client.queuedBytes == 3)
            client.release(upTo: 9)
            #expect(client.queuedBytes == 3)
            #expect(try await read(1, from: server) == [1])
            client.release(upTo: 10)
            #expect(client.queuedBytes == 1)
            #expect(try await read(2, from: server) == [2, 2])
            client.shutdownWrite()
            client.release(upTo: 25)
            #expect(try await readAll(server) == [3])
        }
    }

    @Test func `an answer that is held back goes out in plaintext before the session begins`() async throws {
        let pki = try await TestPKI.shared
        let (context, trusting) = (try pki.server(), try pki.client())
        try await withLoops(1) { group in
            try await on(group.loops[0]) { loop in
                let (client, server) = try await connectedPair(group)
                try server.send([UInt8(ascii: "S")].span, position: 5)
                async let answer = server.handshake(as: context)
                loop.schedule(after: .milliseconds(5)) { server.release(upTo: 5) }
                #expect(try await read(1, from: client) == [UInt8(ascii: "S")])
                _ = try await client.handshake(to: "localhost", with: trusting).get()
                _ = try await answer.get()
                #expect(server.mark == 256 << 10)
                client.close()
                server.close()
            }
        }
    }

    @Test func `a slow peer's queue stays bounded, and its lane goes on below the mark`() async throws {
        try await withSession { client, server in
            let piece = [UInt8](repeating: 7, count: 64 << 10)
            var sent = 0
            while !client.isAboveMark {
                try client.send(piece.span)
                sent += piece.count
            }
            #expect(client.queuedBytes <= client.mark + 2 * piece.count)
            let total = sent
            async let received = read(total, from: server)
            await client.belowMark()
            #expect(client.queuedBytes <= client.mark)
            #expect(try await received.count == total)
        }
    }

    @Test func `a queue beyond its limit is refused, once and for all`() async throws {
        try await withSession { client, _ in
            client.queueLimit = 100
            try client.send([UInt8](repeating: 0, count: 100).span, position: 1)
            #expect(throws: TransportError.queueFull(limit: 100)) { try client.send([1].span, position: 1) }
            #expect(throws: TransportError.queueFull(limit: 100)) { try client.send([1].span, position: 1) }
        }
    }

    @Test func `draining delivers all and close_notify, though the peer had sent what nobody read`() async throws {
        try await withSession { client, server in
            try client.send([UInt8](repeating: 1, count: 5000).span)
            let answer = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            server.queueLimit = .max
            try server.send(answer.span)
            server.drainThenClose(within: .seconds(30))
            #expect(try await readAll(client) == answer)
            client.close()
            try await server.loop.wait { server.isClosed }
        }
    }

    @Test func `draining gives up on a peer that does not read`() async throws {
        try await withSession { client, server in
            try server.send([UInt8](repeating: 1, count: 8 << 20).span)
            server.drainThenClose(within: .milliseconds(20))
            try await server.loop.wait { server.isClosed }
            #expect(client.queuedBytes == 0)
        }
    }

    @Test func `a peer that resets while bytes are queued ends the queue and wakes who waits for it`() async throws {
        try await withSession { client, server in
            try client.send([UInt8](repeating: 1, count: 8 << 20).span)
            async let waiter: Void = client.belowMark()
            await Task.yield()
            server.reset()
            await waiter
            #expect(client.queuedBytes == 0)
            #expect(throws: TransportError.self) { try client.send([1].span) }
        }
    }

    @Test func `a peek shows the first bytes and takes none`() async throws {
        let pki = try await TestPKI.shared
        let (context, trusting) = (try pki.server(), try pki.client())
        try await withLoops(1) { group in
            try await on(group.loops[0]) { _ in
                let (client, server) = try await connectedPair(group)
                #expect(try server.peek(1) == nil)
                async let answer = client.handshake(to: "localhost", with: trusting)
                await server.readable()
                #expect(try server.peek(1) == [0x16])
                _ = try await server.handshake(as: context).get()
                _ = try await answer.get()
                client.close()
                server.close()
                #expect(throws: TransportError.closed) { try server.peek(1) }
            }
        }
    }
}
