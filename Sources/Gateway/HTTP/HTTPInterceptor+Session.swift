import Protocols

// Connections that serve one MCP session belong together: the recording notes the session's key where it first shows.

extension HTTPInterceptor {
    /// Bytes of a key that are noted; real ones have some forty.
    private static var keyMaximum: Int { 256 }

    /// The key that a request carries, in its header or, in revision 2024-11-05, in the query of its target.
    mutating func noteSession(of head: HTTPRequestHead, _ bytes: Span<UInt8>) {
        noteSession(
            head.fields.value(.mcpSessionID, in: bytes)
                ?? MCPSessionKey.inTarget(DisplayText.decode(bytes.extracting(head.target))))
    }

    /// The key that the server gives with its answer to `initialize`.
    mutating func noteSession(of head: HTTPResponseHead, _ bytes: Span<UInt8>) {
        noteSession(head.fields.value(.mcpSessionID, in: bytes))
    }

    private mutating func noteSession(_ key: String?) {
        guard let key, !key.isEmpty, key.utf8.count <= Self.keyMaximum, key != session else { return }
        session = key
        facts.append(.remark(.session, key))
    }
}
