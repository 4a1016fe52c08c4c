/// The field names that mean something to a timeline; all others are ``other``.
enum HTTP2FieldName: String, Sendable, CaseIterable {
    // Pseudo-header fields (RFC 9113 §8.3, RFC 8441 §4).
    case method = ":method"
    case scheme = ":scheme"
    case authority = ":authority"
    case path = ":path"
    case `protocol` = ":protocol"
    case status = ":status"
    // What only HTTP/1 connections have (RFC 9113 §8.2.2).
    case connection = "connection"
    case proxyConnection = "proxy-connection"
    case keepAlive = "keep-alive"
    case transferEncoding = "transfer-encoding"
    case upgrade = "upgrade"
    case te = "te"
    // What events are made of.
    case contentType = "content-type"
    case contentEncoding = "content-encoding"
    case userAgent = "user-agent"
    case grpcStatus = "grpc-status"
    case grpcMessage = "grpc-message"
    case grpcTimeout = "grpc-timeout"
    case grpcEncoding = "grpc-encoding"
    case other = ""

    /// Names are in lower case (RFC 9113 §8.2).
    init(_ name: [UInt8]) {
        let candidates = Self.candidates
        self = .other
        guard name.count < candidates.count else { return }
        for candidate in candidates[name.count] where candidate.bytes == name { self = candidate.name }
    }

    /// By length: every field of every header block is looked up.
    private static let candidates: [[(bytes: [UInt8], name: HTTP2FieldName)]] = {
        let all = allCases.map { (bytes: Array($0.rawValue.utf8), name: $0) }
        let longest = all.map(\.bytes.count).max() ?? 0
        return (0...longest).map { length in all.filter { $0.bytes.count == length } }
    }()
}
