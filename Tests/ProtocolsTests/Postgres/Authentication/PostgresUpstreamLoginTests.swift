import Adapters
import Protocols
import Testing

/// A login as a script: what the server says, and what becomes of it.
struct UpstreamLoginScript {
    typealias Login = PostgresUpstreamLogin<OpenSSLCryptography>

    private var login: Login
    private var decoder = PostgresDecoder(limits: WireLimits())

    init(
        user: String = "scram", password: String? = SCRAMExchange.password, allowsCleartext: Bool = false,
        binding: SCRAMChannelBinding = .none
    ) {
        login = Login(
            user: Array(user.utf8), password: password.map { Secret(Array($0.utf8)) },
            allowsCleartext: allowsCleartext, binding: binding, nonce: SCRAMExchange.nonceBytes)
        step(Bytes.startup, .clientToServer)
    }

    @discardableResult
    private mutating func step(_ bytes: [UInt8], _ direction: Direction) -> PostgresMessage? {
        guard case .message(let message, _)? = try? decoder.step(bytes.span, direction) else { return nil }
        return message
    }

    /// The answers go through the decoder, as they do in the gateway: it has to know what 'p' means.
    mutating func says(_ bytes: [UInt8]) throws -> Login.Action {
        let message = try #require(step(bytes, .serverToClient))
        let action = try login.received(message, bytes.span)
        if case .send(let answer) = action { step(answer, .clientToServer) }
        return action
    }

    mutating func salted(_ salting: Login.SCRAM.Salting) throws -> [UInt8] {
        let answer = try login.salted(SCRAMExchange.salt(salting))
        step(answer, .clientToServer)
        return answer
    }

    mutating func salted(again salted: Secret) throws { _ = try login.salted(salted) }

    /// Up to the client's proof.
    mutating func provesItself() throws {
        _ = try says(Said.sasl)
        guard case .salt(let salting) = try says(Said.serverFirst) else {
            Issue.record("nothing is to be salted")
            return
        }
        #expect(try salted(salting) == PostgresEncoding.saslResponse(Array(SCRAMExchange.clientFinal.utf8)))
    }
}

private enum Said {
    static let ok = PostgresEncoding.authenticationOk()
    static let sasl = PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])
    static let serverFirst = PostgresEncoding.authenticationSASLContinue(Array(SCRAMExchange.serverFirst.utf8))
    static let serverFinal = PostgresEncoding.authenticationSASLFinal(Array(SCRAMExchange.serverFinal.utf8))
    static let refusal = PostgresEncoding.errorResponse(.init(severity: "FATAL", code: "28P01", message: "no"))
}

@Suite struct PostgresUpstreamLoginTests {
    @Test func `trust needs nothing`() throws {
        var script = UpstreamLoginScript(password: nil)
        #expect(try script.says(Said.ok) == .authenticated)
    }

    @Test func `SCRAM-SHA-256, without channel binding where there is no TLS to bind to`() throws {
        var script = UpstreamLoginScript()
        let first = PostgresEncoding.saslInitialResponse(
            mechanism: "SCRAM-SHA-256", data: Array(SCRAMExchange.clientFirst.utf8))
        var other = script
        #expect(try other.says(Said.sasl) == .send(first))
        try script.provesItself()
        #expect(try script.says(Said.serverFinal) == .wait)
        #expect(try script.says(Said.ok) == .authenticated)
    }

    @Test func `AuthenticationOk before the server's proof is a trick`() throws {
        var begun = UpstreamLoginScript()
        _ = try begun.says(Said.sasl)
        #expect(throws: PostgresLoginFailure.scram("the server did not prove itself")) { try begun.says(Said.ok) }
        var answered = UpstreamLoginScript()
        try answered.provesItself()
        #expect(throws: PostgresLoginFailure.scram("the server did not prove itself")) { try answered.says(Said.ok) }
    }

    @Test func `after SCRAM has begun no other method will do`() throws {
        var script = UpstreamLoginScript(allowsCleartext: true)
        try script.provesItself()
        #expect(throws: PostgresLoginFailure.outOfOrder) {
            try script.says(PostgresEncoding.authenticationCleartextPassword())
        }
    }

    @Test func `a salted password is wanted only once`() throws {
        var script = UpstreamLoginScript()
        try script.provesItself()
        #expect(throws: PostgresLoginFailure.outOfOrder) { try script.salted(again: Secret([1])) }
    }

    /// What crossed between libpq 15 and PostgreSQL 15 (fixtures/postgres/login-md5.pcap).
    @Test func `md5 is what libpq sent`() throws {
        var script = UpstreamLoginScript(user: "md5")
        let answer = PostgresEncoding.password(Array("md5452679860f540b08699fc43147d62043".utf8))
        #expect(try script.says(PostgresEncoding.authenticationMD5Password(salt: 0xf14a_f6ef)) == .send(answer))
        #expect(try script.says(Said.ok) == .authenticated)
    }

    @Test func `the password goes in clear only where nobody can listen`() throws {
        let request = PostgresEncoding.authenticationCleartextPassword()
        var open = UpstreamLoginScript()
        #expect(throws: PostgresLoginFailure.cleartextRefused) { try open.says(request) }
        var closed = UpstreamLoginScript(allowsCleartext: true)
        #expect(try closed.says(request) == .send(PostgresEncoding.password(Array("open sesame".utf8))))
        #expect(try closed.says(Said.ok) == .authenticated)
    }

    @Test(arguments: [
        ("password", PostgresEncoding.authenticationCleartextPassword()),
        ("md5", PostgresEncoding.authenticationMD5Password(salt: 1)), ("SCRAM-SHA-256", Said.sasl),
    ])
    func `without a password the method that wants one is named`(_ method: String, _ request: [UInt8]) {
        var script = UpstreamLoginScript(password: nil, allowsCleartext: true)
        #expect(throws: PostgresLoginFailure.passwordMissing(method: method)) { try script.says(request) }
    }

    @Test(arguments: [
        (int32(2), "Kerberos, GSSAPI or SSPI"), (int32(7), "Kerberos, GSSAPI or SSPI"),
        (int32(9), "Kerberos, GSSAPI or SSPI"), (int32(10) + text("OAUTHBEARER") + text("X") + [0], "OAUTHBEARER, X"),
    ])
    func `methods that we do not speak are named`(_ request: [UInt8], _ name: String) {
        var script = UpstreamLoginScript()
        #expect(throws: PostgresLoginFailure.unsupported(name)) { try script.says(message("R", request)) }
    }

    @Test func `a refusal ends the login at any point`() throws {
        var early = UpstreamLoginScript()
        #expect(try early.says(Said.refusal) == .refused)
        var late = UpstreamLoginScript()
        try late.provesItself()
        #expect(try late.says(Said.refusal) == .refused)
        var after = UpstreamLoginScript()
        _ = try after.says(Said.ok)
        #expect(try after.says(Said.refusal) == .refused)
    }

    @Test func `what concerns the caller is passed on`() throws {
        var script = UpstreamLoginScript()
        let notice = PostgresEncoding.noticeResponse(.init(severity: "NOTICE", code: "00000", message: "hello"))
        #expect(try script.says(notice) == .pass)
        let version = PostgresEncoding.negotiateProtocolVersion(.v3_0, options: [])
        #expect(try script.says(version) == .pass)
        try script.provesItself()
    }

    @Test func `no failure and no action names the password`() throws {
        let failures: [PostgresLoginFailure] = [
            .passwordMissing(method: "md5"), .cleartextRefused, .unsupported("X"), .scram("x"), .outOfOrder,
        ]
        #expect(failures.allSatisfy { !"\($0)".contains(SCRAMExchange.password) })
        #expect("\(Secret(Array(SCRAMExchange.password.utf8)))" == "********")
    }
}

/// Channel binding, seen from the client's side.
@Suite struct PostgresUpstreamBindingTests {
    private func script(isRequired: Bool = false) -> UpstreamLoginScript {
        UpstreamLoginScript(binding: SCRAMChannelBinding(endPoint: SCRAMExchange.endPoint, isRequired: isRequired))
    }

    private func first(_ header: String, _ mechanism: String) -> PostgresUpstreamLogin<OpenSSLCryptography>.Action {
        .send(
            PostgresEncoding.saslInitialResponse(
                mechanism: mechanism, data: Array("\(header)n=,r=\(SCRAMExchange.clientNonce)".utf8)))
    }

    @Test func `inside TLS the exchange is bound to the server's certificate`() throws {
        var script = script()
        #expect(try script.says(Said.sasl) == first("p=tls-server-end-point,,", "SCRAM-SHA-256-PLUS"))
    }

    @Test func `a server inside TLS that does not offer it is told that we could`() throws {
        var script = script()
        let offer = PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256"])
        #expect(try script.says(offer) == first("y,,", "SCRAM-SHA-256"))
    }

    @Test(arguments: [
        Said.ok, PostgresEncoding.authenticationCleartextPassword(),
        PostgresEncoding.authenticationMD5Password(salt: 1),
        PostgresEncoding.authenticationSASL(mechanisms: ["SCRAM-SHA-256"]), message("R", int32(7)),
    ])
    func `where it is required nothing else will do`(_ request: [UInt8]) {
        var script = script(isRequired: true)
        #expect(throws: PostgresLoginFailure.channelBindingMissing) { try script.says(request) }
    }

    @Test func `where it is required and there is no TLS, the offer is of no use`() {
        var script = UpstreamLoginScript(binding: SCRAMChannelBinding(endPoint: nil, isRequired: true))
        #expect(throws: PostgresLoginFailure.channelBindingMissing) { try script.says(Said.sasl) }
    }
}
