/// The client's role in a login to a PostgreSQL server (manual §55.2.1): trust, password, md5, SCRAM-SHA-256 and
/// SCRAM-SHA-256-PLUS. A value: decoded messages in, actions out.
public struct PostgresUpstreamLogin<Cryptography: PostgresCryptography>: Sendable {
    public typealias SCRAM = SCRAMClient<Cryptography>

    public enum Action: Sendable, Equatable {
        /// These bytes go to the server. They hold a credential.
        case send([UInt8])
        /// The password is to be salted, away from the loop: it takes milliseconds by design. Then call `salted`.
        case salt(SCRAM.Salting)
        /// The message concerns the caller, and is to be passed on.
        case pass
        case wait
        /// We are in. What follows is the caller's.
        case authenticated
        /// The server refused, with an error that is to be passed on.
        case refused
    }

    private enum State: Sendable {
        case starting
        case answered
        case scram(SCRAM)
        case failed
    }

    private let user: [UInt8]
    private let password: Secret?
    private let allowsCleartext: Bool
    private let binding: SCRAMChannelBinding
    private let nonce: [UInt8]
    private var state = State.starting

    /// - Parameters:
    ///   - allowsCleartext: whether the password may be sent in clear: nobody can listen on this connection.
    ///   - binding: what a SCRAM exchange on this connection can be bound to; where that is required, no other method
    ///     will do.
    ///   - nonce: at least 18 random bytes.
    public init(
        user: [UInt8], password: Secret?, allowsCleartext: Bool, binding: SCRAMChannelBinding = .none, nonce: [UInt8]
    ) {
        self.user = user
        self.password = password
        self.allowsCleartext = allowsCleartext
        self.binding = binding
        self.nonce = nonce
    }

    /// Takes the server's next message, whose bytes are `bytes`.
    public mutating func received(
        _ message: PostgresMessage, _ bytes: Span<UInt8>
    ) throws(PostgresLoginFailure) -> Action {
        switch message {
        case .authentication(let request): return try received(request, bytes)
        case .errorResponse: return .refused
        case .negotiateProtocolVersion, .noticeResponse: return .pass
        default: throw .outOfOrder
        }
    }

    /// The password, salted as `Action.salt` asked.
    public mutating func salted(_ password: Secret) throws(PostgresLoginFailure) -> [UInt8] {
        guard case .scram(var scram) = exchange(&state, with: .failed) else { throw .outOfOrder }
        let message = try scram.final(salted: password)
        state = .scram(scram)
        return PostgresEncoding.saslResponse(message)
    }

    private mutating func received(
        _ request: PostgresMessage.Authentication, _ bytes: Span<UInt8>
    ) throws(PostgresLoginFailure) -> Action {
        switch (exchange(&state, with: .failed), request) {
        case (.starting, .sasl(let mechanisms)):
            return try begin(mechanisms, bytes)
        case (.starting, _) where binding.isRequired:
            throw .channelBindingMissing
        case (.starting, .ok), (.answered, .ok):
            return .authenticated
        case (.scram(let scram), .ok):
            guard scram.isDone else { throw .scram("the server did not prove itself") }
            return .authenticated
        case (.starting, .cleartextPassword):
            guard allowsCleartext else { throw .cleartextRefused }
            state = .answered
            return .send(PostgresEncoding.password(try needed("password").bytes))
        case (.starting, .md5Password(let salt)):
            let answer = md5(try needed("md5"), salt)
            state = .answered
            return .send(PostgresEncoding.password(answer))
        case (.scram(var scram), .saslContinue(let data)):
            let salting = try scram.received(serverFirst: [UInt8](copying: bytes.extracting(data)))
            state = .scram(scram)
            return .salt(salting)
        case (.scram(var scram), .saslFinal(let data)):
            try scram.received(serverFinal: [UInt8](copying: bytes.extracting(data)))
            state = .scram(scram)
            return .wait
        case (_, .kerberosV5), (_, .gss), (_, .gssContinue), (_, .sspi):
            throw .unsupported("Kerberos, GSSAPI or SSPI")
        default:
            throw .outOfOrder
        }
    }

    private mutating func begin(
        _ mechanisms: PostgresMessage.Mechanisms, _ bytes: Span<UInt8>
    ) throws(PostgresLoginFailure) -> Action {
        var offered: [String] = []
        var names = mechanisms.names
        while let name = names.next(in: bytes) {
            offered.append(String(decoding: [UInt8](copying: bytes.extracting(name)), as: UTF8.self))
        }
        let scram = SCRAM(
            nonce: nonce, binding: binding, offered: offered.contains(SCRAMMechanism.plus.rawValue))
        guard scram.mechanism == .plus || !binding.isRequired else { throw .channelBindingMissing }
        guard offered.contains(scram.mechanism.rawValue) else {
            throw .unsupported(offered.joined(separator: ", "))
        }
        _ = try needed(scram.mechanism.rawValue)
        state = .scram(scram)
        return .send(PostgresEncoding.saslInitialResponse(mechanism: scram.mechanism.rawValue, data: scram.first))
    }

    private func needed(_ method: String) throws(PostgresLoginFailure) -> Secret {
        guard let password else { throw .passwordMissing(method: method) }
        return password
    }

    /// "md5" and the hexadecimal of MD5(hexadecimal of MD5(password, user), salt).
    private func md5(_ password: Secret, _ salt: UInt32) -> [UInt8] {
        let inner = password.bytes + user
        var outer = Array(Hex.encode(Cryptography.md5(inner.span)).utf8)
        outer.appendBE(salt)
        return Array("md5\(Hex.encode(Cryptography.md5(outer.span)))".utf8)
    }
}
