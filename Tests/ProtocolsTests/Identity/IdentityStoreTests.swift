import Adapters
import Protocols
import Testing
import WireTestKit

/// A gateway with a bit of everything.
private enum Site {
    static let token = "wt-ci-4f6d0a3be1c84b2f9c7712ab03de9f55"
    static let verifier = SCRAMVerifier(
        password: Secret(Array("open sesame".utf8)), salt: [UInt8](0..<16), by: OpenSSLCryptography.self)

    static func digest(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return OpenSSLCryptography.sha256(bytes.span)
    }

    static func store(secret: [UInt8] = [1]) throws -> Store {
        Store(
            users: [
                Store.User(name: "alice", groups: ["staff"], verifier: verifier),
                Store.User(name: "carol", groups: [], verifier: nil),
            ],
            tokens: [
                StaticToken(subject: "ci", groups: ["robots"], digest: digest(token)),
                StaticToken(subject: "old", digest: digest(token + "-old"), validUntil: 1_000),
                StaticToken(subject: "weak", digest: digest("hunter2")),
                StaticToken(subject: "empty", digest: digest("")),
            ],
            certificates: [
                CertificateMapping(field: .commonName, pattern: try #require(NamePattern("{user}", for: .commonName)))
            ],
            secret: Secret(secret))
    }

    static func certificate(_ name: String) -> ClientCertificate {
        ClientCertificate(names: [.commonName: [name]], fingerprint: [1], notAfter: .max)
    }
}

@Suite struct StaticTokenTests {
    private func present(
        _ token: String, accepting methods: Set<IdentityMethod> = [.staticToken], at now: Int64 = 0
    ) throws -> Identity {
        try Site.store().identity(presenting: Secret(Array(token.utf8)), accepting: methods, at: now)
    }

    @Test func `a static token proves whose it is`() throws {
        #expect(
            try present(Site.token)
                == Identity(
                    subject: "ci", groups: ["robots"], method: "static-token",
                    facts: ["token": Hex.encode(Site.digest(Site.token).prefix(4))]))
    }

    @Test func `a static token ends when it is due`() throws {
        #expect(try present(Site.token + "-old", at: 999).validUntil == 1_000)
        #expect(throws: IdentityRefusal.expiredToken) { try present(Site.token + "-old", at: 1_000) }
    }

    @Test(arguments: [
        "", Site.token + " ", Site.token.uppercased(), String(Site.token.dropLast()), Site.token + "\0",
        // The stored hash is no token.
        Hex.encode(Site.digest(Site.token)), String(repeating: "x", count: 100_000),
    ])
    func `any other text is unknown`(_ token: String) {
        #expect(throws: IdentityRefusal.unknownToken) { try present(token) }
    }

    @Test(arguments: ["hunter2", ""])
    func `a text that can be guessed is no token, even if its hash is configured`(_ token: String) {
        #expect(throws: IdentityRefusal.unknownToken) { try present(token) }
    }

    @Test func `a kind of token that is not taken here proves nothing`() {
        #expect(throws: IdentityRefusal.unknownToken) { try present(Site.token, accepting: []) }
        #expect(throws: IdentityRefusal.unknownToken) {
            try present(Site.token, accepting: [.jwt, .scram, .certificate])
        }
        let jwt = IdentityProvider.rsa.token(header: IdentityProvider.header(), claims: IdentityProvider.claims())
        #expect(throws: IdentityRefusal.unknownToken) {
            try IdentityProvider.store().identity(
                presenting: Secret(Array(jwt.utf8)), accepting: [.staticToken],
                at: IdentityProvider.nanoseconds(IdentityProvider.now))
        }
    }

    @Test func `a user's password is no token`() {
        #expect(throws: IdentityRefusal.unknownToken) { try present("open sesame", accepting: [.jwt, .staticToken]) }
    }
}

@Suite struct PasswordTests {
    @Test func `a known user has the verifier that is configured`() throws {
        let (verifier, identity) = try Site.store().password(of: Array("alice".utf8))
        #expect(verifier.stored.bytes == Site.verifier.stored.bytes)
        #expect(identity == Identity(subject: "alice", groups: ["staff"], method: "scram-sha-256"))
    }

    @Test(arguments: ["mallory", "carol", "", "Alice", "alice ", "ALICE", "al", "ci"])
    func `anybody else is nobody, with the looks of a known user and the same salt each time`(_ name: String) throws {
        let user = Array(name.utf8)
        let (first, identity) = try Site.store().password(of: user)
        let (second, _) = try Site.store().password(of: user)
        #expect(identity == nil)
        #expect(first.stored.bytes == second.stored.bytes)
        #expect(first.salt.count == 16 && first.iterations == 4_096)
        #expect(first.salt != Site.verifier.salt)
        #expect(try Site.store(secret: [2]).password(of: user).verifier.salt != first.salt)
    }

    @Test func `a name that is no text is nobody's`() throws {
        #expect(try Site.store().password(of: [0xff, 0xfe]).identity == nil)
    }

    @Test func `nothing in a store prints a secret`() throws {
        let store = try Site.store()
        var dumped = "\(store)"
        dump(store, to: &dumped)
        let secrets = [String(decoding: Site.verifier.stored.bytes, as: UTF8.self), Site.token]
        #expect(secrets.allSatisfy { !dumped.contains($0) })
        #expect(dumped.contains("********"))
    }
}

/// What a client is asked for.
@Suite struct LoginDemandTests {
    private enum Asked: Equatable {
        case nothing(String)
        case password(known: Bool, bound: Bool, required: Bool)
        case token
        case refused(PostgresLoginRefusal)
    }

    private func asked(
        _ methods: Set<IdentityMethod>, as user: String = "alice", isPrivate: Bool = true, endPoint: [UInt8]? = nil,
        certificate: String? = nil, requiresChannelBinding: Bool = false
    ) throws -> Asked {
        let scene = PostgresLoginScene(
            isPrivate: isPrivate, endPoint: endPoint, certificate: certificate.map(Site.certificate), now: 0)
        let policy = PostgresLoginPolicy(methods: methods, requiresChannelBinding: requiresChannelBinding)
        switch try Site.store().demand(of: Array(user.utf8), scene, policy) {
        case .nothing(let identity): return .nothing(identity.subject)
        case .scram(_, let binding, let identity):
            return .password(known: identity != nil, bound: binding.endPoint != nil, required: binding.isRequired)
        case .token: return .token
        case .refusal(let refusal): return .refused(refusal)
        }
    }

    @Test func `a certificate of the user is enough, where certificates are taken`() throws {
        #expect(try asked([.certificate], certificate: "alice") == .nothing("alice"))
        #expect(try asked([.certificate, .scram, .jwt], certificate: "alice") == .nothing("alice"))
        let password = Asked.password(known: true, bound: false, required: false)
        #expect(try asked([.scram], certificate: "alice") == password)
    }

    @Test func `a certificate of somebody else is not, and leaves the other ways`() throws {
        #expect(try asked([.certificate], certificate: "bob") == .refused(.otherSubject))
        #expect(try asked([.certificate], certificate: "Alice") == .refused(.otherSubject))
        #expect(try asked([.certificate], certificate: "a/b") == .refused(.identity(.unmappedCertificate)))
        #expect(try asked([.certificate]) == .refused(.certificateMissing))
        let password = Asked.password(known: true, bound: false, required: false)
        #expect(try asked([.certificate, .scram], certificate: "bob") == password)
        #expect(try asked([.certificate, .staticToken], certificate: "bob") == .token)
    }

    @Test func `strangers are asked for a password as users are`() throws {
        #expect(try asked([.scram], as: "mallory") == .password(known: false, bound: false, required: false))
        #expect(try asked([.scram], as: "carol") == .password(known: false, bound: false, required: false))
        #expect(try asked([.scram, .certificate], as: "") == .password(known: false, bound: false, required: false))
    }

    @Test(arguments: [IdentityMethod.jwt, .staticToken])
    func `a token is asked for only where nobody can listen`(_ method: IdentityMethod) throws {
        #expect(try asked([method], as: "mallory") == .token)
        #expect(try asked([method], as: "mallory", isPrivate: false) == .refused(.plaintext))
        #expect(try asked([method, .scram], as: "mallory") == .token)
        let password = Asked.password(known: false, bound: false, required: false)
        #expect(try asked([method, .scram], as: "mallory", isPrivate: false) == password)
    }

    @Test func `who has a password is asked for it`() throws {
        let password = Asked.password(known: true, bound: true, required: false)
        #expect(try asked([.scram, .jwt, .staticToken], endPoint: [1]) == password)
        #expect(try asked([.jwt], endPoint: [1]) == .token)
    }

    @Test func `where channel binding is required no token will do`() throws {
        let password = Asked.password(known: false, bound: true, required: true)
        #expect(try asked([.scram, .jwt], as: "mallory", endPoint: [1], requiresChannelBinding: true) == password)
        #expect(try asked([.jwt], endPoint: [1], requiresChannelBinding: true) == .refused(.certificateMissing))
    }

    @Test func `where no way is open nobody gets in`() throws {
        #expect(try asked([]) == .refused(.certificateMissing))
        #expect(try asked([], certificate: "alice") == .refused(.certificateMissing))
    }
}
