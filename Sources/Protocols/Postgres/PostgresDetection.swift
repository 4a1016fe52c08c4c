extension ProtocolID {
    public static var postgres: ProtocolID { ProtocolID(rawValue: "postgres") }
}

/// Tells PostgreSQL from other protocols by a connection's first bytes.
public enum PostgresDetection {
    /// A client's first packet says it at once. A capture that begins within a session is told by the first message
    /// of either direction, whose type and length must both make sense.
    public static func detect(client: Span<UInt8>, server: Span<UInt8>) -> Detection {
        guard client.count > 0 else { return answer(server) }
        if client[0] != 0 { return request(client) }
        guard let length = client.uint32BE(at: 0), let code = client.uint32BE(at: 4) else { return .needMore }
        guard (8...10_000).contains(length) else { return .no }
        switch code {
        case PostgresRequestCode.ssl, PostgresRequestCode.gss: return length == 8 ? .yes : .no
        case PostgresRequestCode.cancel: return (16...268).contains(length) ? .yes : .no
        default: return code >> 16 == 3 ? .yes : .no
        }
    }

    private static func request(_ client: Span<UInt8>) -> Detection {
        guard PostgresFrontendTag(rawValue: client[0]) != nil else { return .no }
        return length(client)
    }

    private static func answer(_ server: Span<UInt8>) -> Detection {
        guard server.count > 0 else { return .needMore }
        guard PostgresBackendTag(rawValue: server[0]) != nil else { return .no }
        return length(server)
    }

    private static func length(_ bytes: Span<UInt8>) -> Detection {
        guard let length = bytes.uint32BE(at: 1) else { return .needMore }
        return length >= 4 && length < 1 << 20 ? .midstream : .no
    }
}
