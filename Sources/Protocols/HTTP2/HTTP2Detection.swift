extension ProtocolID {
    public static var http2: ProtocolID { ProtocolID(rawValue: "http2") }
}

/// Tells HTTP/2 from other protocols by a connection's first bytes.
public enum HTTP2Detection {
    /// The preface says it at once (RFC 9113 §3.4). A capture that begins later is told by its first frame.
    public static func detect(client: Span<UInt8>, server: Span<UInt8>) -> Detection {
        if client.count > 0 {
            var index = 0
            while index < min(client.count, HTTP2Decoder.preface.count), client[index] == HTTP2Decoder.preface[index] {
                index += 1
            }
            if index == HTTP2Decoder.preface.count { return .yes }
            if index == client.count { return .needMore }
            return firstFrame(client)
        }
        return server.count > 0 ? firstFrame(server) : .needMore
    }

    private static func firstFrame(_ bytes: Span<UInt8>) -> Detection {
        guard let header = HTTP2FrameHeader(bytes, at: 0) else { return .needMore }
        return header.isPlausible && header.length <= 64 << 10 ? .yes : .no
    }
}
