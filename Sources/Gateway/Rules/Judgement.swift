public import Protocols

/// What the rules say about one request.
public enum Judgement: Sendable, Hashable {
    /// By that rule, or, without one, because nothing speaks against it.
    case allow(Rule?)
    case ask(Rule, Cause)
    /// By that rule; without one, because nothing allows it.
    case deny(Rule?, Cause)

    /// What in the request decided.
    public enum Cause: Sendable, Hashable, CustomStringConvertible {
        case access(SQLAccess)
        case function(SQLName)
        case setting(String)
        /// The rule could apply, and the text does not show whether it does.
        case unseen(SQLBlindness)
        /// An HTTP request, by its method and path.
        case request(String)
        case call(RPCCall)
        /// The rule could apply, and the body does not show whether it does.
        case unseenRequest(RequestBlindness)

        public var description: String {
            switch self {
            case .access(let access): Self.describe(access)
            case .function(let name): "a call of \(name)"
            case .setting(let name): "a change of \(name)"
            case .unseen(let reason): "\(reason)"
            case .request(let title): title
            case .call(let call): "\(call)"
            case .unseenRequest(let reason): "\(reason)"
            }
        }

        private static func describe(_ access: SQLAccess) -> String {
            let words = access.kind.rawValue.uppercased() + (access.lacksWhere ? " without WHERE" : "")
            if let table = access.table { return "\(words) on \(table)" }
            return access.isBroad ? "\(words) on what it does not name" : words
        }
    }
}
