/// What a statement does, by the first words of its manual page. What is rarely told apart shares a kind.
public enum SQLKind: String, Sendable, Hashable, CaseIterable, Codable {
    case select
    case insert
    case update
    case delete
    case merge
    case truncate
    case copy
    case lock
    /// CREATE of anything, also CREATE TABLE AS and SELECT INTO.
    case create
    /// ALTER, RENAME, COMMENT, SECURITY LABEL and REFRESH of anything.
    case alter
    /// DROP of anything, also DROP OWNED.
    case drop
    /// GRANT and REVOKE, of privileges and of roles; REASSIGN OWNED.
    case grant
    case call
    case `do`
    /// The SQL statement PREPARE; the protocol's Parse is what it parses.
    case prepare
    case execute
    case deallocate
    case declare
    case fetch
    case close
    case explain
    case set
    case show
    case discard
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and the like.
    case transaction
    /// PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED.
    case twophase
    /// LISTEN, UNLISTEN and NOTIFY.
    case notify
    /// VACUUM, ANALYZE, CLUSTER, REINDEX and CHECKPOINT.
    case maintain
    /// The protocol's FunctionCall, which names a function by number.
    case functionCall = "function call"
    case other

    /// What may stand in a rule for several kinds at once.
    public static let groups: [String: Set<SQLKind>] = [
        "read": [.select],
        "write": [.insert, .update, .delete, .merge, .truncate, .copy],
        "definition": [.create, .alter, .drop, .grant],
        "session": [.set, .show, .discard, .deallocate, .declare, .fetch, .close],
    ]
}
