import Protocols

/// When a statement may change how the server reads texts: client_encoding, standard_conforming_strings.
enum TextDisturbance: Int, Sendable, Comparable {
    case never
    /// Where it ends a transaction in which one was changed.
    case afterChange
    case always

    init(_ facts: SQLFacts) {
        self = .never
        for statement in facts.statements {
            switch statement.kind {
            case .discard, .do, .call, .execute, .functionCall: self = .always
            case .transaction where self == .never: self = .afterChange
            case .transaction: break
            default: if Self.isAlways(statement) { self = .always }
            }
        }
    }

    static func < (left: TextDisturbance, right: TextDisturbance) -> Bool { left.rawValue < right.rawValue }

    private static func isAlways(_ statement: SQLStatement) -> Bool {
        statement.blindness != nil
            || statement.settings.contains {
                [SQLStatement.anySetting, "client_encoding", "standard_conforming_strings"].contains($0)
            }
    }
}
