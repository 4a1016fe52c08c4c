import Adapters
import Protocols
import Testing

typealias ServerLogin = PostgresServerLogin<OpenSSLCryptography>

/// A login in the server's role as a script: what the client says, and what becomes of it.
struct ServerLoginScript {
    var login: ServerLogin
    private var decoder = PostgresDecoder(limits: WireLimits())

    init(user: String = "alice", _ demand: ServerLogin.Demand) {
        login = ServerLogin(user: Array(user.utf8), demand: demand, nonce: SCRAMExchange.serverNonceBytes)
        step(Bytes.startup, .clientToServer)
    }

    @discardableResult
    private mutating func step(_ bytes: [UInt8], _ direction: Direction) -> PostgresMessage? {
        guard case .message(let message, _)? = try? decoder.step(bytes.span, direction) else { return nil }
        return message
    }

    /// The decoder reads what the server says, too, as it does in the gateway: it has to know what 'p' means.
    private mutating func heard(_ action: ServerLogin.Action) -> ServerLogin.Action {
        if case .send(let bytes) = action { step(bytes, .serverToClient) }
        return action
    }

    @discardableResult
    mutating func begin() -> ServerLogin.Action { heard(login.begin()) }

    mutating func says(_ bytes: [UInt8]) throws -> ServerLogin.Action {
        heard(login.received(try #require(step(bytes, .clientToServer)), bytes.span))
    }

    mutating func says(first: String, _ mechanism: String = "SCRAM-SHA-256") throws -> ServerLogin.Action {
        try says(PostgresEncoding.saslInitialResponse(mechanism: mechanism, data: Array(first.utf8)))
    }

    mutating func says(final: String) throws -> ServerLogin.Action {
        try says(PostgresEncoding.saslResponse(Array(final.utf8)))
    }
}

/// Code, message and hint of a refusal's last words.
func words(_ action: ServerLogin.Action) throws -> String {
    guard case .refused(let bytes, _) = action else { return "\(action)" }
    var decoder = PostgresDecoder(limits: WireLimits(), start: .anywhere)
    try decoder.gap(1, .serverToClient)
    guard case .message(.errorResponse(let error), bytes.count) = try decoder.step(bytes.span, .serverToClient) else {
        return "no error"
    }
    let fields: [PostgresDiagnosticField] = [.severity, .code, .message, .hint]
    return fields.compactMap { field in
        error.text(field, in: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
    }.joined(separator: " | ")
}

func refusal(_ action: ServerLogin.Action) -> PostgresLoginRefusal? {
    guard case .refused(_, let refusal) = action else { return nil }
    return refusal
}

@Suite struct PostgresServerLoginTests {
    static let alice = Identity(subject: "alice", groups: ["staff"], method: "scram-sha-256")

    private func scram(
        _ identity: Identity? = alice, binding: SCRAMChannelBinding = .none
    ) throws -> ServerLoginScript {
        ServerLoginScript(.scram(try #require(SCRAMExchange.verifier), binding, identity: identity))
    }

    @Test func `SCRAM-SHA-256 as PostgreSQL 15 has it with libpq 15`() throws {
        var script = try scram()
        #expect(script.begin() == .send(PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256"])))
        #expect(
            try script.says(first: SCRAMExchange.clientFirst)
                == .send(PostgresEncoding.authenticationSASLContinue(Array(SCRAMExchange.serverFirst.utf8))))
        #expect(
            try script.says(final: SCRAMExchange.clientFinal)
                == .authenticated(
                    Self.alice, PostgresEncoding.authenticationSASLFinal(Array(SCRAMExchange.serverFinal.utf8))))
    }

    @Test func `inside TLS channel binding is offered first`() throws {
        var script = try scram(binding: SCRAMChannelBinding(endPoint: SCRAMExchange.endPoint))
        let offer = PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])
        #expect(script.begin() == .send(offer))
    }

    @Test func `our own login gets in, channel binding required on both sides`() throws {
        let binding = SCRAMChannelBinding(endPoint: SCRAMExchange.endPoint, isRequired: true)
        var server = try scram(binding: binding)
        var client = UpstreamLoginScript(binding: binding)
        guard case .send(let offer) = server.begin(), case .send(let first) = try client.says(offer),
            case .send(let serverFirst) = try server.says(first),
            case .salt(let salting) = try client.says(serverFirst),
            case .authenticated(Self.alice, let last) = try server.says(try client.salted(salting))
        else {
            Issue.record("the two do not come to an end")
            return
        }
        #expect(try client.says(last) == .wait)
        #expect(try client.says(PostgresEncoding.authenticationOk()) == .authenticated)
    }

    @Test func `a token takes the password's place`() throws {
        var script = ServerLoginScript(.token)
        #expect(script.begin() == .send(PostgresEncoding.authenticationCleartextPassword()))
        #expect(try script.says(PostgresEncoding.password(Array("a token".utf8))) == .verify)
        #expect(script.login.token?.bytes == Array("a token".utf8))
        #expect(script.login.verified(.success(Self.alice)) == .authenticated(Self.alice, []))
        #expect(script.login.token == nil)
    }

    @Test func `who is known by certificate is asked for nothing`() {
        var script = ServerLoginScript(.nothing(Self.alice))
        #expect(script.begin() == .authenticated(Self.alice, []))
    }
}

@Suite struct PostgresServerLoginAttackTests {
    private let alice = PostgresServerLoginTests.alice
    private let stranger = "FATAL | 28P01 | authentication failed for user \"alice\""

    private func scram(
        _ identity: Identity?, verifier: SCRAMVerifier? = SCRAMExchange.verifier, binding: SCRAMChannelBinding = .none
    ) throws -> ServerLoginScript {
        var script = ServerLoginScript(.scram(try #require(verifier), binding, identity: identity))
        script.begin()
        return script
    }

    /// The recorded exchange with its last byte changed.
    private func guess(_ script: inout ServerLoginScript) throws -> ServerLogin.Action {
        guard case .send = try script.says(first: SCRAMExchange.clientFirst) else { return script.begin() }
        return try script.says(final: SCRAMExchange.clientFinal.replacing("p=W3", with: "p=X3"))
    }

    @Test func `a stranger cannot tell a wrong password from an unknown user`() throws {
        var known = try scram(alice)
        var unknown = try scram(nil)
        let (first, second) = (try guess(&known), try guess(&unknown))
        #expect(try words(first) == stranger)
        #expect(try words(second) == stranger)
        #expect(refusal(first) == .scram(.wrongProof))
        #expect(refusal(second) == .identity(.unknownUser))
    }

    @Test func `an unknown user is not let in even with a proof that fits`() throws {
        var script = try scram(nil)
        _ = try script.says(first: SCRAMExchange.clientFirst)
        let action = try script.says(final: SCRAMExchange.clientFinal)
        #expect(refusal(action) == .identity(.unknownUser))
        #expect(try words(action) == stranger)
    }

    @Test func `after a refusal the right password is of no use`() throws {
        var script = try scram(alice)
        _ = try guess(&script)
        let bytes = PostgresEncoding.saslResponse(Array(SCRAMExchange.clientFinal.utf8))
        #expect(refusal(script.login.received(.saslResponse(5..<bytes.count), bytes.span)) == .outOfOrder)
        #expect(refusal(script.login.verified(.success(alice))) == .outOfOrder)
        #expect(refusal(script.login.begin()) == .outOfOrder)
    }

    @Test func `one's own password does not let one in as somebody else`() throws {
        var bob = alice
        bob.subject = "bob"
        var script = try scram(bob)
        _ = try script.says(first: SCRAMExchange.clientFirst)
        let action = try script.says(final: SCRAMExchange.clientFinal)
        #expect(refusal(action) == .otherSubject)
        #expect(try words(action) == stranger)
    }

    @Test(arguments: ["bob", "Alice", "alice ", "alice\0", "", "al\u{456}ce", "a\u{301}lice"])
    func `a token or certificate of another name is refused`(_ subject: String) throws {
        let other = Identity(subject: subject, method: "jwt")
        var token = ServerLoginScript(.token)
        token.begin()
        _ = try token.says(PostgresEncoding.password([65]))
        #expect(refusal(token.login.verified(.success(other))) == .otherSubject)
        var certificate = ServerLoginScript(.nothing(other))
        #expect(refusal(certificate.begin()) == .otherSubject)
    }

    @Test func `without a user nobody gets in, not even with a certificate of nobody`() throws {
        var script = ServerLoginScript(user: "", .nothing(Identity(subject: "", method: "certificate")))
        let action = script.begin()
        #expect(refusal(action) == .userMissing)
        #expect(try words(action) == "FATAL | 28000 | no PostgreSQL user name specified in startup packet")
    }

    @Test(arguments: [
        IdentityRefusal.unknownToken, .expiredToken, .unknownUser, .token(.wrongSignature), .token(.expired),
        .token(.unknownIssuer),
    ])
    func `what is wrong with a token is not for the one who brings it`(_ cause: IdentityRefusal) throws {
        var script = ServerLoginScript(.token)
        script.begin()
        _ = try script.says(PostgresEncoding.password(Array("guess".utf8)))
        let action = script.login.verified(.failure(cause))
        #expect(refusal(action) == .identity(cause))
        #expect(try words(action) == stranger)
    }

    @Test func `an empty password and one without end are no tokens`() throws {
        for (password, cause) in [
            ([], PostgresLoginRefusal.emptyPassword),
            ([UInt8](repeating: 65, count: ServerLogin.tokenByteCountMaximum + 1), .identity(.unknownToken)),
        ] {
            var script = ServerLoginScript(.token)
            script.begin()
            let action = try script.says(PostgresEncoding.password(password))
            #expect(refusal(action) == cause)
            #expect(try words(action) == stranger)
        }
    }

    @Test func `nobody is let in before the token is verified`() throws {
        var script = ServerLoginScript(.token)
        #expect(refusal(script.login.verified(.success(alice))) == .outOfOrder)
        script = ServerLoginScript(.token)
        script.begin()
        #expect(refusal(script.login.verified(.success(alice))) == .outOfOrder)
    }

    @Test func `a message of another method is out of order`() throws {
        let password = PostgresEncoding.password(Array("open sesame".utf8))
        var script = try scram(alice)
        #expect(refusal(script.login.received(.password(5..<password.count - 1), password.span)) == .outOfOrder)
        script = try scram(alice)
        let final = PostgresEncoding.saslResponse(Array(SCRAMExchange.clientFinal.utf8))
        #expect(refusal(script.login.received(.saslResponse(5..<final.count), final.span)) == .outOfOrder)
        script = ServerLoginScript(.token)
        script.begin()
        #expect(refusal(script.login.received(.saslResponse(5..<final.count), final.span)) == .outOfOrder)
        #expect(refusal(script.login.received(.terminate, final.span)) == .outOfOrder)
    }

    @Test func `a mechanism without its first data is malformed`() throws {
        var script = try scram(alice)
        let action = try script.says(
            message("p", text("SCRAM-SHA-256"), int32(-1)))
        #expect(refusal(action) == .scram(.malformed("its header is missing")))
        #expect(try words(action) == "FATAL | 08P01 | malformed SCRAM message")
    }

    @Test func `the downgrade and the foreign certificate are told, since the user can act on them`() throws {
        var script = try scram(alice, binding: SCRAMChannelBinding(endPoint: SCRAMExchange.endPoint))
        let action = try script.says(first: "y,,n=,r=abc")
        #expect(refusal(action) == .scram(.downgraded))
        #expect(try words(action).hasPrefix("FATAL | 28000 | SCRAM channel binding negotiation error"))
    }

    @Test func `required channel binding without TLS asks for no password`() throws {
        var script = ServerLoginScript(
            .scram(
                try #require(SCRAMExchange.verifier), SCRAMChannelBinding(endPoint: nil, isRequired: true),
                identity: alice))
        let action = script.begin()
        #expect(refusal(action) == .plaintext)
        #expect(try words(action) == "FATAL | 28000 | TLS is needed to log in here | Connect with sslmode=verify-full.")
    }

    @Test func `a name made to paint on a terminal is shown harmless, and short`() throws {
        var script = ServerLoginScript(user: "\u{1b}[2J" + String(repeating: "x", count: 9_000), .token)
        script.begin()
        let told = try words(script.says(PostgresEncoding.password([])))
        #expect(told.contains("\\x1b[2J"))
        #expect(!told.contains("\u{1b}"))
        #expect(told.count < 200)
    }

    @Test func `no action but the one for the client holds a secret`() throws {
        var script = ServerLoginScript(.token)
        script.begin()
        let action = try script.says(PostgresEncoding.password(Array("eyJhbGciOi".utf8)))
        #expect(!"\(action) \(script.login)".contains("eyJ"))
        var dumped = ""
        dump(script.login, to: &dumped)
        #expect(!dumped.contains("eyJ"))
        let wrong = try words(script.login.verified(.failure(.unknownToken)))
        #expect(!wrong.contains("eyJ"))
    }
}
