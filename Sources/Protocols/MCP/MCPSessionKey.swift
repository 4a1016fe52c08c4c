/// The key by which connections belong to one MCP session.
public enum MCPSessionKey {
    /// The session that a request target names in its query, as servers of revision 2024-11-05 have it: `session_id` in Python's
    /// SDK, `sessionId` in TypeScript's. `nil` when there is none.
    public static func inTarget(_ target: String) -> String? {
        guard let query = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
        else { return nil }
        for item in query.split(separator: "&") {
            for name in ["session_id=", "sessionId="] where item.hasPrefix(name) {
                let key = item.dropFirst(name.count)
                return key.isEmpty ? nil : String(key)
            }
        }
        return nil
    }
}
