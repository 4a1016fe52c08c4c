import Protocols

// Connections that serve one MCP session belong together: the recording notes the session's key where it first shows.

extension HTTPInterceptor {
    /// Bytes of a key that are noted; real ones have some forty.
    private static var keyMaximum: Int { 256 }
    /// Bytes of a stream's first event that are looked at.
    private static var endpointMaximum: Int { 4096 }

    /// The key that a request carries, in its header or, in revision 2024-11-05, in the query of its target.
    mutating func noteSession(of head: HTTPRequestHead, _ bytes: Span<UInt8>) {
        noteSession(
            head.fields.value(.mcpSessionID, in: bytes) ?? MCPSessionKey.inTarget(bytes.extracting(head.target)))
    }

    /// The key that the server gives with its answer to `initialize`.
    mutating func noteSession(of head: HTTPResponseHead, _ bytes: Span<UInt8>) {
        noteSession(head.fields.value(.mcpSessionID, in: bytes))
        guard session == nil, let type = head.fields.first(.contentType) else { return endpointSearch = nil }
        let isStream = bytes.extracting(type.valueRange).hasPrefixIgnoringCase("text/event-stream")
        endpointSearch = isStream ? SSEDecoder(limit: Self.endpointMaximum) : nil
    }

    /// The first event of a stream of revision 2024-11-05 names the target for the client's messages, and the session in its
    /// query. Nothing of it is secret.
    mutating func secret(
        inBody piece: Span<UInt8>, _ direction: Direction
    ) -> (range: Range<Int>, reason: String)? {
        if direction == .serverToClient { searchEndpoint(piece) }
        return nil
    }

    mutating func searchEndpoint(_ piece: Span<UInt8>) {
        guard var search = endpointSearch.take() else { return }
        let beginning = piece.extracting(0..<min(piece.count, Self.endpointMaximum))
        var first: SSEEvent?
        search.read(beginning) { item in if first == nil, case .event(let event) = item { first = event } }
        if let first {
            guard first.type == "endpoint" else { return }
            let key = MCPSessionKey.inTarget(first.data.span)
            noteSession(key)
            key.map { judge?.begin(session: $0) }
        } else if beginning.count == piece.count {
            endpointSearch = search
        }
    }

    private mutating func noteSession(_ key: String?) {
        guard let key, !key.isEmpty, key.utf8.count <= Self.keyMaximum, key != session else { return }
        session = key
        facts.append(.remark(.session, key))
    }
}
