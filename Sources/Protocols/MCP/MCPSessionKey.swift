/// The key by which connections belong to one MCP session.
public enum MCPSessionKey {
    /// The session that a request target names in its query, as servers of revision 2024-11-05 have it: `session_id` in Python's
    /// SDK, `sessionId` in TypeScript's. `nil` when there is none.
    public static func inTarget(_ target: Span<UInt8>) -> String? {
        guard let mark = target.firstIndex(of: UInt8(ascii: "?"), from: 0) else { return nil }
        var start = mark + 1
        while start < target.count {
            let end = target.firstIndex(of: UInt8(ascii: "&"), from: start) ?? target.count
            let item = target.extracting(start..<end)
            for name in ["session_id=", "sessionId="] where item.hasPrefix(name) {
                let key = item.extracting(name.utf8.count...)
                return key.isEmpty ? nil : DisplayText.decode(key)
            }
            start = end + 1
        }
        return nil
    }
}
