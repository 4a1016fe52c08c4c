extension ProtocolID {
    public static var http2: ProtocolID { ProtocolID(rawValue: "http2") }
}

/// Tells HTTP/2 from other protocols by a connection's first bytes.
public enum HTTP2Detection {
    /// The preface says it at once (RFC 9113 §3.4). A capture that begins later is told by its first frame; who is the client, by what
    /// follows.
    public static func detect(client: Span<UInt8>, server: Span<UInt8>) -> Detection {
        if client.count > 0 {
            var index = 0
            while index < min(client.count, HTTP2Decoder.preface.count), client[index] == HTTP2Decoder.preface[index] {
                index += 1
            }
            if index == HTTP2Decoder.preface.count { return .yes }
            if index == client.count { return .needMore }
        }
        guard let header = HTTP2FrameHeader(client.count > 0 ? client : server, at: 0) else { return .needMore }
        guard header.isPlausible, header.length <= 64 << 10 else { return .no }
        switch (sender(of: client), sender(of: server)) {
        case (.client, _), (nil, .server): return .yes
        case (.server, _), (nil, .client): return .no
        case (nil, nil): return .eitherWay
        }
    }

    /// Frames of each side that are looked at for who sends them.
    private static let framesMaximum = 64

    /// Who must have sent these frames; `nil` where either may.
    private static func sender(of bytes: Span<UInt8>) -> Side? {
        var index = 0
        for _ in 0..<framesMaximum {
            guard let header = HTTP2FrameHeader(bytes, at: index), header.isPlausible else { return nil }
            let payload = index + HTTP2FrameHeader.byteCount
            if let sender = sender(of: header, bytes.extracting(payload...)) { return sender }
            index = payload + header.length
        }
        return nil
    }

    /// - Parameter bytes: the frame's payload, and what follows it.
    private static func sender(of header: HTTP2FrameHeader, _ bytes: Span<UInt8>) -> Side? {
        switch header.kind {
        case .headers: sender(ofBlock: bytes, from: (header.isPadded ? 1 : 0) + (header.hasPriority ? 5 : 0))
        case .pushPromise: .server
        // The last stream is one that the other side has begun (§6.8).
        case .goAway: bytes.uint32BE(at: 0).flatMap { $0 & 0x7fff_ffff == 0 ? nil : $0 & 1 == 1 ? .server : .client }
        default: nil
        }
    }

    /// The first field of a request or response is a pseudo-header field (§8.3), and most often one of the static table: the first
    /// seven of that are a request's, the next seven a response's (RFC 7541, appendix A).
    private static func sender(ofBlock bytes: Span<UInt8>, from start: Int) -> Side? {
        guard start < bytes.count else { return nil }
        let block = bytes.extracting(start...)
        var reader = HPACKReader()
        var isSizeUpdate = true
        var index = 0
        while isSizeUpdate {
            guard reader.index < block.count else { return nil }
            let lead = block[reader.index]
            isSizeUpdate = lead & 0xe0 == 0x20
            let prefix = lead & 0x80 != 0 ? 7 : lead & 0x40 != 0 ? 6 : isSizeUpdate ? 5 : 4
            guard let value = try? reader.integer(prefix: prefix, in: block) else { return nil }
            index = value
        }
        return (1...7).contains(index) ? .client : (8...14).contains(index) ? .server : nil
    }
}
