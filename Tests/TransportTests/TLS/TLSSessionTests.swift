import Glibc
import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct TLSSessionTests {
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

    @Test func `a connection that is cut is no end: the reader is told, after all that came before`() async throws {
        try await withSession { client, server in
            try server.send([1, 2, 3].span)
            shutdown(server.descriptor, Int32(SHUT_WR))
            #expect(try await read(3, from: client) == [1, 2, 3])
            await #expect(throws: TransportError.tls(.truncated)) { try await readAll(client) }
            await #expect(throws: TransportError.tls(.truncated)) { try await readAll(client) }
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
