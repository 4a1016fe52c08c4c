import Protocols

/// Names of prepared statements that SQL makes or takes away.
enum Forgetting: Sendable {
    case all
    case names([[UInt8]])

    init?(_ facts: SQLFacts) {
        var names: [[UInt8]] = []
        for statement in facts.statements {
            switch statement.kind {
            case .discard:
                self = .all
                return
            case .deallocate where statement.preparedName == "":
                self = .all
                return
            case .prepare, .deallocate: names.append(Array((statement.preparedName ?? "").utf8))
            default: break
            }
        }
        guard !names.isEmpty else { return nil }
        self = .names(names)
    }
}
