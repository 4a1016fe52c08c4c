extension SQLKind {
    /// The kind of a statement by its node in the parse tree.
    init(nodeType type: String, _ content: JSON) {
        if type == "TransactionStmt" {
            self = content["kind"]?.string.map(Self.twophaseKinds.contains) == true ? .twophase : .transaction
        } else {
            self = Self.named[type] ?? Self.byFirstWord(type)
        }
    }

    private static let twophaseKinds: Set = [
        "TRANS_STMT_PREPARE", "TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED",
    ]

    private static let named: [String: SQLKind] = [
        "SelectStmt": .select, "InsertStmt": .insert, "UpdateStmt": .update, "DeleteStmt": .delete,
        "MergeStmt": .merge, "TruncateStmt": .truncate, "CopyStmt": .copy, "LockStmt": .lock, "CallStmt": .call,
        "DoStmt": .do, "PrepareStmt": .prepare, "ExecuteStmt": .execute, "DeallocateStmt": .deallocate,
        "DeclareCursorStmt": .declare, "FetchStmt": .fetch, "ClosePortalStmt": .close, "ExplainStmt": .explain,
        "VariableSetStmt": .set, "ConstraintsSetStmt": .set, "VariableShowStmt": .show, "DiscardStmt": .discard,
        "ListenStmt": .notify, "UnlistenStmt": .notify, "NotifyStmt": .notify, "VacuumStmt": .maintain,
        "ClusterStmt": .maintain, "ReindexStmt": .maintain, "CheckPointStmt": .maintain, "ViewStmt": .create,
        "RuleStmt": .create, "IndexStmt": .create, "DefineStmt": .create, "CompositeTypeStmt": .create,
        "ImportForeignSchemaStmt": .create, "RenameStmt": .alter, "CommentStmt": .alter, "SecLabelStmt": .alter,
        "RefreshMatViewStmt": .alter, "GrantStmt": .grant, "GrantRoleStmt": .grant, "ReassignOwnedStmt": .grant,
        "AlterDefaultPrivilegesStmt": .grant,
    ]

    private static func byFirstWord(_ type: String) -> SQLKind {
        if type.hasPrefix("Create") { return .create }
        if type.hasPrefix("Alter") { return .alter }
        if type.hasPrefix("Drop") { return .drop }
        return .other
    }
}
