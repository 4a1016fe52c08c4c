import Protocols

/// Credentials and cookies in the fields of heads and trailers, and credentials in the queries of targets and references.
/// Behind an upgrade to HTTP/2, those of that.
struct HTTPSecretFinder: SecretFinder {
    typealias Decoder = HTTPUpgradeDecoder

    private let query = QuerySecrets()
    private var http2 = HTTP2SecretFinder()
    private var asksForHTTP2 = false
    private var isHTTP2 = false

    mutating func secrets(
        in event: WireEvent<HTTPUpgradeMessage>, _ direction: Direction, _ bytes: Span<UInt8>
    ) -> [FoundSecret] {
        switch event {
        case .message(.http(let message)), .head(.http(let message), _):
            return secrets(of: message, bytes).map { FoundSecret($0) }
        case .message(.http2(let message)), .head(.http2(let message), _):
            return http2.secrets(in: .message(message), direction, bytes)
        case .body(let isLast) where isHTTP2: return http2.secrets(in: .body(isLast: isLast), direction, bytes)
        case .opaque(let reason) where isHTTP2: return http2.secrets(in: .opaque(reason), direction, bytes)
        case .body, .become, .opaque: return []
        }
    }

    private mutating func secrets(of message: HTTPMessage, _ bytes: Span<UInt8>) -> [Range<Int>] {
        switch message {
        case .request(let head):
            asksForHTTP2 = head.upgrade == .h2c
            return head.secrets(in: bytes, query)
        case .response(let head):
            isHTTP2 = isHTTP2 || asksForHTTP2 && head.status == 101
            return head.fields.secrets(in: bytes, query)
        case .trailers(let fields): return fields.secrets(in: bytes, query)
        case .chunk, .chunkEnd, .frame: return []
        }
    }

    /// Lines that look like such fields: from the colon to the end of the line; and what looks like such queries.
    func secrets(inRest bytes: Span<UInt8>, _ direction: Direction) -> [FoundSecret] {
        if isHTTP2 { return http2.secrets(inRest: bytes, direction) }
        var ranges: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            var colon = start
            while colon < end, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
            if colon < end, HTTPFieldName(bytes.extracting(start..<colon)).isSecret {
                ranges.append(colon + 1..<end)
            } else {
                let line = start
                ranges += query.ranges(in: bytes.extracting(line..<end)).map {
                    line + $0.lowerBound..<line + $0.upperBound
                }
            }
            start = end + 1
        }
        return ranges.filter { !$0.isEmpty }.map { FoundSecret($0) }
    }
}
