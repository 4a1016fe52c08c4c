import Glibc
import Protocols
import Testing
import WireTestKit

@testable import Transport

@Suite(.timeLimit(.minutes(5)))
struct DevelopmentCATests {
    @Test func `what it issues is trusted by whoever trusts it, for these hosts alone`() async throws {
        let authority = DevelopmentCA()
        let names = ["localhost", "*.example.com", "127.0.0.1", "::1"]
        let server = try TLSServerContext(
            TLSServerSettings(
                identities: [try authority.issue(to: names, for: .server)],
                clientCertificates: .required(TLSTrust(roots: .pem(authority.certificate)))))
        let client = try TLSClientContext(
            TLSClientSettings(
                verification: .full(TLSTrust(roots: .pem(authority.certificate))),
                identity: try authority.issue(to: ["alice"], for: .client)))
        for host in ["localhost", "db.example.com", "127.0.0.1", "::1"] {
            try await withTLS(server, client, host: host) { handshake, _, _ in
                let facts = try handshake.server.get()
                #expect(try handshake.client.get().isPeerVerified && facts.isPeerVerified)
                #expect(facts.peerCertificate?.subject == "CN=alice")
            }
        }
        try await withTLS(server, client, host: "example.com") { handshake, _, _ in
            #expect(handshake.client.failure == .tls(.wrongHost(expected: "example.com")))
        }
    }

    @Test func `OpenSSL's own tool agrees`() async throws {
        let scratch = ScratchFolder()
        let authority = try DevelopmentCA.kept(in: scratch.path)
        let identity = try authority.issue(to: ["localhost"], for: .server)
        try write(identity.chain, to: scratch.path + "/leaf.pem")
        let verified = try await Command(
            "openssl",
            [
                "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile",
                scratch.path + "/development-ca.crt", scratch.path + "/leaf.pem",
            ]
        ).output()
        #expect(verified.hasSuffix("OK\n"))
    }

    @Test func `its certificates are for one purpose, and cannot issue others`() async throws {
        let authority = DevelopmentCA()
        let trust = TLSTrust(roots: .pem(authority.certificate))
        let client = try authority.issue(to: ["localhost"], for: .client)
        try await withTLS(
            try TLSServerContext(TLSServerSettings(identities: [client])),
            try TLSClientContext(TLSClientSettings(verification: .full(trust)))
        ) { handshake, _, _ in
            #expect(
                handshake.client.failure == .tls(.certificateRefused(reason: "unsuitable certificate purpose")))
        }
        let leaf = try authority.issue(to: ["localhost"], for: .server)
        let usurper = try DevelopmentCA(pem: leaf.chain + String(decoding: leaf.key.bytes, as: UTF8.self))
        let usurped = try usurper.issue(to: ["localhost"], for: .server)
        try await withTLS(
            try TLSServerContext(
                TLSServerSettings(identities: [TLSIdentity(chain: usurped.chain + leaf.chain, key: usurped.key)])),
            try TLSClientContext(TLSClientSettings(verification: .full(trust)))
        ) { handshake, _, _ in
            #expect(handshake.client.failure == .tls(.certificateRefused(reason: "invalid CA certificate")))
        }
    }

    @Test func `a folder keeps it, readable for its owner alone`() async throws {
        let scratch = ScratchFolder()
        let first = try DevelopmentCA.kept(in: scratch.path)
        #expect(try DevelopmentCA.kept(in: scratch.path).certificate == first.certificate)
        #expect(read(scratch.path + "/development-ca.crt") == first.certificate)
        let key = scratch.path + "/development-ca.key"
        unsafe _ = unlink(scratch.path + "/development-ca.crt")
        _ = try DevelopmentCA.kept(in: scratch.path)
        #expect(read(scratch.path + "/development-ca.crt") == first.certificate, "it is for clients, and made again")
        var status = stat()
        #expect(unsafe stat(key, &status) == 0 && status.st_mode & 0o777 == 0o600)
        for mode in [mode_t(0o640), 0o604, 0o660] {
            unsafe _ = chmod(key, mode)
            #expect(throws: DevelopmentCAFault.exposed(path: key)) { try DevelopmentCA.kept(in: scratch.path) }
        }
    }

    @Test func `one that has expired says so`() async throws {
        let pki = try await TestPKI.shared
        let scratch = ScratchFolder()
        let key = scratch.path + "/development-ca.key"
        try write(pki["expired.pem"] + pki["leaf.key"], to: key)
        #expect(throws: DevelopmentCAFault.expired(path: key)) { try DevelopmentCA.kept(in: scratch.path) }
    }

    @Test func `a link in the place of the key is not followed, and a damaged key is no authority`() async throws {
        let scratch = ScratchFolder()
        let key = scratch.path + "/development-ca.key"
        unsafe _ = symlink("/etc/passwd", key)
        #expect(throws: DevelopmentCAFault.system(path: key, errno: ELOOP)) {
            try DevelopmentCA.kept(in: scratch.path)
        }
        unsafe _ = unlink(key)
        try write("-----BEGIN CERTIFICATE-----\n", to: key)
        #expect(throws: DevelopmentCAFault.unusable(.unreadable(.chain))) { try DevelopmentCA.kept(in: scratch.path) }
    }

    @Test(arguments: ["", "a,IP:10.0.0.1", "local host", "a\nb", "*", "*.*.example.com", "@x", "x\0y", "ä.example.com"])
    func `what is no host gets no certificate`(_ name: String) {
        #expect(throws: DevelopmentCAFault.self) { try DevelopmentCA().issue(to: ["localhost", name], for: .server) }
        #expect(throws: DevelopmentCAFault.self) { try DevelopmentCA().issue(to: [], for: .server) }
    }

    @Test func `it prints no key`() throws {
        let scratch = ScratchFolder()
        let authority = try DevelopmentCA.kept(in: scratch.path)
        let secret = try #require(read(scratch.path + "/development-ca.key")?.split(separator: "\n").suffix(3).first)
        var text = ""
        dump(authority, to: &text)
        #expect(text.contains("********") && !text.contains(secret))
    }
}
