import Protocols

/// Credentials and cookies in the fields of heads and trailers, and credentials in the queries of targets and references.
struct HTTPSecretFinder: SecretFinder {
    typealias Decoder = HTTPDecoder

    private let query = QuerySecrets()
    /// Directions that go on as HTTP/2 after an upgrade: all of that is filler, for what is compressed has no looks.
    private var upgraded: Set<Direction> = []

    mutating func secrets(
        in event: WireEvent<HTTPMessage>, _ direction: Direction, _ bytes: Span<UInt8>
    ) -> [FoundSecret] {
        switch event {
        case .message(let message), .head(let message, _): return secrets(of: message, bytes).map { FoundSecret($0) }
        case .body: return upgraded.contains(direction) ? [FoundSecret(0..<bytes.count)] : []
        case .become(let next):
            if next == .http2 { upgraded.insert(direction) }
            return []
        case .opaque: return []
        }
    }

    private func secrets(of message: HTTPMessage, _ bytes: Span<UInt8>) -> [Range<Int>] {
        switch message {
        case .request(let head): head.secrets(in: bytes, query)
        case .response(let head): head.fields.secrets(in: bytes, query)
        case .trailers(let fields): fields.secrets(in: bytes, query)
        case .chunk, .chunkEnd, .frame: []
        }
    }

    /// Lines that look like such fields: from the colon to the end of the line; and what looks like such queries.
    func secrets(inRest bytes: Span<UInt8>, _ direction: Direction) -> [FoundSecret] {
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
