/// Why a client is not let in: for the operator's log and the recording. Holds no secret. What the client itself is
/// told is less: `words(for:)`.
public enum PostgresLoginRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case userMissing
    /// The way to log in here needs TLS: a token, or channel binding.
    case plaintext
    case certificateMissing
    case identity(IdentityRefusal)
    /// What was proven is somebody else's name.
    case otherSubject
    case scram(SCRAMFault)
    case emptyPassword
    case outOfOrder

    public var description: String {
        switch self {
        case .userMissing: "the client named no user"
        case .plaintext: "the client came without TLS"
        case .certificateMissing: "the client has shown no certificate"
        case .identity(let refusal): "\(refusal)"
        case .otherSubject: "the client's proof is of another user"
        case .scram(let fault): "\(fault)"
        case .emptyPassword: "the client sent no password"
        case .outOfOrder: "the client broke the order of the login"
        }
    }
}

extension PostgresLoginRefusal {
    /// The last words to the client. Strangers learn nothing from them: whether the user exists, and what was wrong
    /// with the proof, looks the same; only mistakes that anybody could see on the wire are named.
    ///
    /// - Parameter user: as the client named it.
    func words(for user: [UInt8]) -> [UInt8] {
        switch self {
        case .userMissing: Self.fatal("28000", "no PostgreSQL user name specified in startup packet")
        case .plaintext: Self.fatal("28000", "TLS is needed to log in here", hint: "Connect with sslmode=verify-full.")
        case .certificateMissing:
            Self.fatal(
                "28000", "a client certificate is needed to log in here",
                hint: "Set sslcert and sslkey, or PGSSLCERT and PGSSLKEY.")
        case .identity, .otherSubject, .emptyPassword, .scram(.wrongProof):
            Self.fatal(
                "28P01",
                "authentication failed for user \"\(DisplayText.line(DisplayText.decode(user.span, limit: 64)))\"")
        case .scram(.downgraded):
            Self.fatal(
                "28000", "SCRAM channel binding negotiation error",
                hint: "The client did not see that the server offers SCRAM-SHA-256-PLUS. Somebody may stand between.")
        case .scram(.otherChannel):
            Self.fatal(
                "28000", "SCRAM channel binding check failed",
                hint: "The client sees another certificate than the server's. Somebody may stand between.")
        case .scram(.unknownMechanism): Self.fatal("08P01", "client selected an invalid SASL authentication mechanism")
        case .scram(.malformed), .scram(.outOfOrder): Self.fatal("08P01", "malformed SCRAM message")
        case .outOfOrder: Self.fatal("08P01", "a message out of order in the login")
        }
    }

    private static func fatal(_ code: String, _ message: String, hint: String? = nil) -> [UInt8] {
        PostgresEncoding.errorResponse(
            PostgresEncoding.Diagnostic(severity: "FATAL", code: code, message: message, hint: hint))
    }
}
