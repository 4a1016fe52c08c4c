/// Why a login to an upstream came to nothing. Holds no secret.
public enum PostgresLoginFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server wants a password, and there is none.
    case passwordMissing(method: String)
    /// The server wants the password in clear, over a connection where others could read it.
    case cleartextRefused
    /// The server wants a method that we do not speak.
    case unsupported(String)
    /// Channel binding is required, and the server does without.
    case channelBindingMissing
    /// The exchange of SCRAM went wrong: a broken server, or one that does not know the password.
    case scram(String)
    /// The server said something that has no place in a login.
    case outOfOrder

    public var description: String {
        switch self {
        case .passwordMissing(let method): "the server wants a password (\(method)), and there is none"
        case .cleartextRefused: "the server wants the password in clear, which is not safe on this connection"
        case .unsupported(let method): "the server wants to authenticate by \(method), which is not supported"
        case .channelBindingMissing: "channel binding is required, and the server does not offer it"
        case .scram(let reason): "SCRAM authentication failed: \(reason)"
        case .outOfOrder: "the server broke the order of the login"
        }
    }
}
