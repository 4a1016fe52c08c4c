import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Transport

/// Servers that are not who they say, and clients that should not get in.
@Suite(.timeLimit(.minutes(5)))
struct TLSIntruderTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var what: String
        var certificate: String
        var failure: TLSFailure
        var key = "leaf"
        var host = "localhost"
        var testDescription: String { what }
    }

    @Test(arguments: [
        Wrong(
            what: "has expired", certificate: "expired",
            failure: .certificateRefused(reason: "certificate has expired")),
        Wrong(
            what: "is not yet valid", certificate: "future",
            failure: .certificateRefused(reason: "certificate is not yet valid")),
        Wrong(
            what: "is another authority's", certificate: "foreign",
            failure: .certificateRefused(reason: "unable to get local issuer certificate")),
        Wrong(
            what: "is signed by itself", certificate: "selfsigned",
            failure: .certificateRefused(reason: "self-signed certificate")),
        Wrong(
            what: "is a client's", certificate: "forclients",
            failure: .certificateRefused(reason: "unsuitable certificate purpose")),
        Wrong(
            what: "is signed by a server's certificate", certificate: "usurped.chain",
            failure: .certificateRefused(reason: "invalid CA certificate")),
        Wrong(
            what: "comes without the authority between", certificate: "under",
            failure: .certificateRefused(reason: "unable to get local issuer certificate")),
        Wrong(what: "is another host's", certificate: "elsewhere", failure: .wrongHost(expected: "localhost")),
        Wrong(
            what: "is for another address", certificate: "server", failure: .wrongHost(expected: "127.0.0.2"),
            host: "127.0.0.2"),
        Wrong(
            what: "has a wildcard for one label, not two", certificate: "server",
            failure: .wrongHost(expected: "a.b.wild.example.com"), host: "a.b.wild.example.com"),
        Wrong(
            what: "has a wildcard for subdomains, not the domain", certificate: "server",
            failure: .wrongHost(expected: "wild.example.com"), host: "wild.example.com"),
        Wrong(
            what: "hides its host behind a NUL", certificate: "nul", failure: .wrongHost(expected: "localhost")),
    ])
    func `a server is refused whose certificate`(_ wrong: Wrong) async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(wrong.certificate, key: wrong.key), try pki.client(), host: wrong.host) {
            handshake, client, _ in
            #expect(handshake.client.failure == .tls(wrong.failure))
            expectNothingPasses(client)
        }
    }

    @Test func `a server is refused whose certificate has been revoked`() async throws {
        let pki = try await TestPKI.shared
        let trusting = try pki.client(.full(pki.trust(revocationLists: ["root"])))
        try await withTLS(try pki.server("withdrawn"), trusting) { handshake, client, _ in
            #expect(handshake.client.failure == .tls(.certificateRefused(reason: "certificate revoked")))
            expectNothingPasses(client)
        }
        try await withTLS(try pki.server(), trusting) { handshake, _, _ in #expect(handshake.client.failure == nil) }
    }

    @Test func `a revocation list that has expired, or is another authority's, vouches for nobody`() async throws {
        let pki = try await TestPKI.shared
        for (list, reason) in [("stale", "CRL has expired"), ("other", "unable to get certificate CRL")] {
            let trusting = try pki.client(.full(pki.trust(revocationLists: [list])))
            try await withTLS(try pki.server(), trusting) { handshake, _, _ in
                #expect(handshake.client.failure == .tls(.certificateRefused(reason: reason)))
            }
        }
    }

    @Test func `the authority alone does not make it the host, but where that is enough it is`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server("elsewhere"), try pki.client(.authority(pki.trust()))) { handshake, _, _ in
            let facts = try handshake.client.get()
            #expect(facts.isPeerVerified)
        }
        try await withTLS(try pki.server("foreign"), try pki.client(.authority(pki.trust()))) { handshake, _, _ in
            #expect(
                handshake.client.failure
                    == .tls(.certificateRefused(reason: "unable to get local issuer certificate")))
        }
    }

    @Test func `a name of old counts where there is no alternative name, as for libpq`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server("nameonly"), try pki.client()) { handshake, _, _ in
            #expect(handshake.client.failure == nil)
        }
        try await withTLS(try pki.server("nameonly"), try pki.client(), host: "db.example.com") { handshake, _, _ in
            #expect(handshake.client.failure == .tls(.wrongHost(expected: "db.example.com")))
        }
    }

    @Test func `the authority between must be shown, and is then enough`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server("chained"), try pki.client()) { handshake, _, _ in
            #expect(handshake.client.failure == nil)
        }
    }

    @Test func `the system's roots do not vouch for a root of ours`() async throws {
        let pki = try await TestPKI.shared
        let trusting = try pki.client(.full(TLSTrust(roots: .system)))
        try await withTLS(try pki.server(), trusting) { handshake, _, _ in
            #expect(
                handshake.client.failure
                    == .tls(.certificateRefused(reason: "unable to get local issuer certificate")))
        }
    }

    @Test func `without verification anybody is let through, and is not called verified`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server("selfsigned"), try pki.client(.off)) { handshake, _, _ in
            let facts = try handshake.client.get()
            #expect(!facts.isPeerVerified && facts.peerCertificate?.commonName == "localhost")
        }
    }

    @Test(arguments: ["", ".", ".localhost", "localhost\0.example.com", "local host", "fe80::1%eth0", "*.example.com"])
    func `what is no name of a host is nobody's`(_ host: String) async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(), try pki.client(), host: host) { handshake, _, _ in
            #expect(handshake.client.failure == .tls(.wrongHost(expected: host)))
        }
    }

    // MARK: Clients

    @Test(arguments: [
        ("aliceexpired", "certificate has expired"),
        ("alicefuture", "certificate is not yet valid"),
        ("aliceforeign", "unable to get local issuer certificate"),
        ("alicewithdrawn", "certificate revoked"),
        ("aliceserver", "unsuitable certificate purpose"),
        ("selfsigned", "self-signed certificate"),
    ])
    func `a client is refused, whether a certificate is demanded or not, whose certificate is`(
        _ name: String, _ reason: String
    ) async throws {
        let pki = try await TestPKI.shared
        let trust = pki.trust(revocationLists: ["root"])
        for demand in [TLSServerSettings.ClientCertificates.required(trust), .optional(trust)] {
            try await withTLS(try pki.server(clients: demand), try pki.client(identity: name)) {
                handshake, _, server in
                #expect(handshake.server.failure == .tls(.certificateRefused(reason: reason)))
                expectNothingPasses(server)
            }
        }
    }

    @Test func `a client that shows more certificates than anybody needs is refused`() async throws {
        let pki = try await TestPKI.shared
        let alice = pki.identity("alice")
        let chain = alice.chain + String(repeating: pki["server.pem"], count: 80)
        let client = try TLSClientContext(
            TLSClientSettings(
                verification: .full(pki.trust()), identity: TLSIdentity(chain: chain, key: alice.key)))
        try await withTLS(try pki.server(clients: .required(pki.trust())), client) { handshake, _, server in
            #expect(handshake.server.failure == .tls(.broken(reason: "excessive message size")))
            expectNothingPasses(server)
        }
    }

    @Test func `a client that shows another's certificate has not its key`() async throws {
        let pki = try await TestPKI.shared
        let stolen = TLSIdentity(chain: pki["alice.pem"], key: Secret(Array(pki["stranger.key"].utf8)))
        #expect(throws: TLSSettingsFault.keyOfAnother) {
            try TLSClientContext(TLSClientSettings(verification: .full(pki.trust()), identity: stolen))
        }
    }

    @Test func `a client without a certificate is refused where one is demanded, and learns why`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(clients: .required(pki.trust())), try pki.client()) {
            handshake, client, server in
            #expect(handshake.server.failure == .tls(.certificateMissing))
            // In TLS 1.3 the client's handshake is over before the server has seen that there is none.
            await #expect(throws: TransportError.tls(.alert("certificate required"))) { try await readAll(client) }
            expectNothingPasses(server)
        }
    }

    @Test func `a client without a certificate is let in where it is optional, as nobody`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(clients: .optional(pki.trust())), try pki.client()) { handshake, _, _ in
            let facts = try handshake.server.get()
            #expect(!facts.isPeerVerified && facts.peerCertificate == nil)
        }
    }

    @Test func `a certificate that nobody asked for is not shown`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(), try pki.client(identity: "alice")) { handshake, _, _ in
            let facts = try handshake.server.get()
            #expect(facts.peerCertificate == nil)
        }
    }

    @Test func `a client shows who it is`() async throws {
        let pki = try await TestPKI.shared
        let server = try pki.server(clients: .required(pki.trust(revocationLists: ["root"])))
        try await withTLS(server, try pki.client(identity: "alice")) { handshake, _, _ in
            let facts = try handshake.server.get()
            #expect(facts.isPeerVerified)
            #expect(facts.peerCertificate?.subject == "CN=alice,O=Example")
            #expect(facts.peerCertificate?.commonName == "alice")
            #expect(
                facts.peerCertificate?.alternativeNames == [
                    .email("alice@example.com"), .uri("spiffe://example/alice"),
                ])
        }
    }

    /// After a failed handshake nothing is read or sent any more, above all not in plaintext.
    private func expectNothingPasses(_ refusing: Socket) {
        #expect(throws: TransportError.self) { try refusing.send([1, 2, 3].span) }
        #expect(throws: TransportError.self) {
            var buffer = refusing.loop.lease()
            _ = try refusing.read(into: &buffer)
        }
    }
}
