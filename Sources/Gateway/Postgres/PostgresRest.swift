import Protocols

/// Whether a session rests: every request has had its ReadyForQuery, and no transaction is open.
struct PostgresRest: Sendable {
    /// ReadyForQuery messages that the server still owes; the first one ends the login.
    private var owed = 1
    /// Extended-query messages since the last Sync (manual §55.2.3).
    private var isUnsynced = false
    private var status = PostgresMessage.TransactionStatus.idle

    var isAtRest: Bool { owesNothing && status == .idle }

    /// Every request has been answered to its end.
    var owesNothing: Bool { owed == 0 && !isUnsynced }

    @inline(__always)
    mutating func saw(_ message: PostgresMessage) {
        switch message {
        case .query, .functionCall, .longRequest(.query), .longRequest(.functionCall): owed += 1
        case .sync:
            owed += 1
            isUnsynced = false
        case .longRequest(.copyData): break
        case .parse, .bind, .describe, .execute, .close, .longRequest: isUnsynced = true
        case .readyForQuery(let status):
            owed -= 1
            self.status = status
        default: break
        }
    }
}
