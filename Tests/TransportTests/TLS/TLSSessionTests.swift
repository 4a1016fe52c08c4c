import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(1)))
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
            try server.send([4, 5].span)
            server.shutdownWrite()
            #expect(try await readAll(client) == [4, 5])
        }
    }
}
