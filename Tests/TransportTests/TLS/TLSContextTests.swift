import Protocols
import Synchronization
import Testing
import Transport
import WireTestKit

@Suite(.timeLimit(.minutes(5)))
struct TLSContextTests {
    // MARK: Choice of certificates and protocols

    @Test(arguments: [
        ("db.example.com", "localhost"), ("any.wild.example.com", "localhost"),
        ("elsewhere.example.com", "elsewhere"), ("ELSEWHERE.example.com", "elsewhere"),
        ("unknown.example.com", "localhost"), ("127.0.0.1", "localhost"),
    ])
    func `the host that a client asks for chooses the certificate`(_ host: String, _ name: String) async throws {
        let pki = try await TestPKI.shared
        // Keys of three types: none may stay beside the chosen one.
        let server = try TLSServerContext(
            TLSServerSettings(identities: [
                pki.identity("rsa", key: "rsa"), pki.identity("ed25519", key: "ed25519"), pki.identity("elsewhere"),
            ]))
        try await withTLS(server, try pki.client(.authority(pki.trust())), host: host) { handshake, _, _ in
            let (client, server) = (try handshake.client.get(), try handshake.server.get())
            #expect(client.peerCertificate?.commonName == name)
            #expect(server.localCertificate == client.peerCertificate)
            #expect(server.serverName == (host == "127.0.0.1" ? nil : host))
        }
    }

    @Test(arguments: [
        (["postgresql"], ["postgresql"], "postgresql"),
        (["h2", "http/1.1"], ["http/1.1", "h2"], "h2"),
        (["h2", "http/1.1"], ["spdy", "http/1.1"], "http/1.1"),
        (["postgresql"], [], nil), ([], ["postgresql"], nil),
    ])
    func `the server's preferred protocol is spoken, if the client offers any`(
        _ ours: [String], _ theirs: [String], _ agreed: String?
    ) async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(protocols: ours), try pki.client(protocols: theirs)) { handshake, _, _ in
            let (client, server) = (try handshake.client.get(), try handshake.server.get())
            #expect(client.applicationProtocol == agreed && server.applicationProtocol == agreed)
        }
    }

    @Test(arguments: [["http/1.1"], ["postgresq"], ["postgresqll"], ["POSTGRESQL"]])
    func `a client that offers other protocols alone is refused`(_ theirs: [String]) async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server(protocols: ["postgresql"]), try pki.client(protocols: theirs)) {
            handshake, _, _ in
            #expect(handshake.server.failure == .tls(.noCommonProtocol))
            #expect(handshake.client.failure == .tls(.alert("no application protocol")))
        }
    }

    // MARK: Channel binding

    @Test(arguments: [("server", "leaf", "sha256"), ("rsa", "rsa", "sha512"), ("ed25519", "ed25519", "sha256")])
    func `the end point is the certificate's hash, by the hash of its signature`(
        _ name: String, _ key: String, _ algorithm: String
    ) async throws {
        let pki = try await TestPKI.shared
        let scratch = ScratchFolder()
        try pki.write(to: scratch.path)
        try await withTLS(try pki.server(name, key: key), try pki.client()) { handshake, _, _ in
            let certificate = try #require(try handshake.client.get().peerCertificate)
            // The authority signs with ECDSA, so even an Ed25519 certificate's signature has a hash.
            let digest = try await Command(
                "openssl",
                ["x509", "-in", "\(scratch.path)/\(name).pem", "-noout", "-fingerprint", "-" + algorithm]
            ).output()
            let bytes = digest.split(separator: "=")[1].filter(\.isHexDigit)
            #expect(certificate.endPoint.map { Hex.encode($0) } == bytes.lowercased())
            let ours = try handshake.server.get().localCertificate
            #expect(ours?.endPoint == certificate.endPoint)
        }
    }

    @Test func `where a signature has no hash of its own there is no end point`() async throws {
        let pki = try await TestPKI.shared
        try await withTLS(try pki.server("ed25519self", key: "ed25519"), try pki.client(.off)) { handshake, _, _ in
            let certificate = try #require(try handshake.client.get().peerCertificate)
            #expect(certificate.endPoint == nil && certificate.fingerprint.count == 32)
        }
    }

    // MARK: Settings

    @Test func `settings that cannot work are faults that name the part`() async throws {
        let pki = try await TestPKI.shared
        let good = pki.identity("server")
        func server(_ identity: TLSIdentity, _ trust: TLSTrust? = nil) -> TLSSettingsFault? {
            do throws(TLSSettingsFault) {
                _ = try TLSServerContext(
                    TLSServerSettings(
                        identities: [identity], clientCertificates: trust.map { .required($0) } ?? .notRequested))
                return nil
            } catch { return error }
        }
        #expect(server(good, pki.trust(revocationLists: ["root"])) == nil)
        #expect(server(TLSIdentity(chain: "", key: good.key)) == .missing(.chain))
        #expect(server(TLSIdentity(chain: "no PEM", key: good.key)) == .missing(.chain))
        #expect(server(TLSIdentity(chain: String(good.chain.dropLast(40)), key: good.key)) == .unreadable(.chain))
        #expect(
            server(TLSIdentity(chain: good.chain.replacing("MII", with: "MIJ"), key: good.key)) == .unreadable(.chain))
        #expect(server(TLSIdentity(chain: good.chain, key: Secret([]))) == .missing(.key))
        #expect(server(TLSIdentity(chain: good.chain, key: Secret(Array("no PEM".utf8)))) == .unreadable(.key))
        #expect(server(pki.identity("server", key: "encrypted")) == .encryptedKey)
        #expect(server(pki.identity("server", key: "stranger")) == .keyOfAnother)
        #expect(server(pki.identity("server", key: "rsa")) == .keyOfAnother)
        #expect(server(pki.identity("weak", key: "weak")) == .unusable(.chain, reason: "ee key too small"))
        #expect(server(good, TLSTrust(roots: .pem(""))) == .missing(.roots))
        #expect(server(good, TLSTrust(roots: .pem(pki["leaf.key"]))) == .missing(.roots))
        #expect(
            server(good, TLSTrust(roots: .pem(pki["root.pem"]), revocationLists: ["-----BEGIN"]))
                == .missing(.revocationList))
    }

    @Test(arguments: [[""], [String(repeating: "x", count: 256)], (0..<33).map { "p\($0)" }])
    func `names of protocols have their bounds`(_ names: [String]) async throws {
        let pki = try await TestPKI.shared
        #expect(throws: TLSSettingsFault.self) { try pki.server(protocols: names) }
        #expect(throws: TLSSettingsFault.self) { try pki.client(protocols: names) }
    }

    @Test func `an identity prints no key`() async throws {
        let identity = try await TestPKI.shared.identity("server")
        var text = ""
        dump(identity, to: &text)
        let key = String(decoding: identity.key.bytes, as: UTF8.self)
        let secret = key.split(separator: "\n")[1]
        #expect(!text.contains(secret) && !"\(identity)".contains(secret) && text.contains("********"))
    }

    @Test func `a server knows when its certificates expire`() async throws {
        let pki = try await TestPKI.shared
        let certificate = try #require(try pki.server("expired").certificates.first)
        // 2020-01-01 and 2021-01-01.
        #expect(certificate.notBefore == 1_577_836_800 && certificate.notAfter == 1_609_459_200)
        #expect(
            certificate.alternativeNames == [
                .dns("localhost"), .dns("db.example.com"), .dns("*.wild.example.com"), .address([127, 0, 0, 1]),
            ])
        #expect(certificate.issuer == "CN=root authority")
    }

    @Test(arguments: [
        TLSFailure.certificateRefused(reason: "certificate has expired"), .wrongHost(expected: "HOST"),
        .certificateMissing, .alert("…"), .noCommonVersion, .notTLS, .noCommonProtocol, .truncated,
    ])
    func `what goes wrong stands in the manual in the same words`(_ failure: TLSFailure) throws {
        let manual = try #require(read(Repository.root + "/docs/tls.md"))
        #expect(manual.contains("`\(failure)`"))
    }

    // MARK: Rotation

    @Test func `new connections use the new context, and those that live go on with theirs`() async throws {
        let pki = try await TestPKI.shared
        let context = Mutex(try pki.server())
        let trusting = try pki.client(.authority(pki.trust()))
        try await withLoops(1) { group in
            let server = try listen(group) { socket in
                let current = context.withLock { $0 }
                guard case .success = await socket.handshake(as: current) else { return socket.close() }
                await echo(socket)
            }
            try await on(group.loops[0]) { loop in
                let old = try await Socket.connect(to: server.address, on: loop, within: .seconds(60))
                let before = try await old.handshake(to: "localhost", with: trusting).get()
                let next = try pki.server("elsewhere")
                context.withLock { $0 = next }
                let new = try await Socket.connect(to: server.address, on: loop, within: .seconds(60))
                let after = try await new.handshake(to: "localhost", with: trusting).get()
                #expect(before.peerCertificate?.commonName == "localhost")
                #expect(after.peerCertificate?.commonName == "elsewhere")
                for socket in [old, new] {
                    try socket.send([1, 2, 3].span)
                    #expect(try await read(3, from: socket) == [1, 2, 3])
                    socket.close()
                }
            }
        }
    }
}
