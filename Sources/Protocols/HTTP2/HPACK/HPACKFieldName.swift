/// The field names that are known beforehand: those of the static table (RFC 7541, appendix A), and those that mean something to a
/// timeline. All others are ``other``.
enum HPACKFieldName: String, Sendable, CaseIterable {
    // Pseudo-header fields (RFC 9113 §8.3, RFC 8441 §4).
    case authority = ":authority"
    case method = ":method"
    case path = ":path"
    case `protocol` = ":protocol"
    case scheme = ":scheme"
    case status = ":status"
    // What only HTTP/1 connections have (RFC 9113 §8.2.2).
    case connection = "connection"
    case keepAlive = "keep-alive"
    case proxyConnection = "proxy-connection"
    case te = "te"
    case transferEncoding = "transfer-encoding"
    case upgrade = "upgrade"
    // gRPC's own (PROTOCOL-HTTP2.md).
    case grpcEncoding = "grpc-encoding"
    case grpcMessage = "grpc-message"
    case grpcStatus = "grpc-status"
    case grpcTimeout = "grpc-timeout"
    // What else is in the static table.
    case accept = "accept"
    case acceptCharset = "accept-charset"
    case acceptEncoding = "accept-encoding"
    case acceptLanguage = "accept-language"
    case acceptRanges = "accept-ranges"
    case accessControlAllowOrigin = "access-control-allow-origin"
    case age = "age"
    case allow = "allow"
    case authorization = "authorization"
    case cacheControl = "cache-control"
    case contentDisposition = "content-disposition"
    case contentEncoding = "content-encoding"
    case contentLanguage = "content-language"
    case contentLength = "content-length"
    case contentLocation = "content-location"
    case contentRange = "content-range"
    case contentType = "content-type"
    case cookie = "cookie"
    case date = "date"
    case etag = "etag"
    case expect = "expect"
    case expires = "expires"
    case from = "from"
    case host = "host"
    case ifMatch = "if-match"
    case ifModifiedSince = "if-modified-since"
    case ifNoneMatch = "if-none-match"
    case ifRange = "if-range"
    case ifUnmodifiedSince = "if-unmodified-since"
    case lastModified = "last-modified"
    case link = "link"
    case location = "location"
    case maxForwards = "max-forwards"
    case proxyAuthenticate = "proxy-authenticate"
    case proxyAuthorization = "proxy-authorization"
    case range = "range"
    case referer = "referer"
    case refresh = "refresh"
    case retryAfter = "retry-after"
    case server = "server"
    case setCookie = "set-cookie"
    case strictTransportSecurity = "strict-transport-security"
    case userAgent = "user-agent"
    case vary = "vary"
    case via = "via"
    case wwwAuthenticate = "www-authenticate"
    case other = ""

    /// Names are in lower case (RFC 9113 §8.2).
    init(_ name: Span<UInt8>) {
        let candidates = Self.candidates
        self = .other
        guard name.count < candidates.count else { return }
        for candidate in candidates[name.count] where name.holds(candidate.bytes.span, at: 0) { self = candidate.name }
    }

    /// By length.
    private static let candidates: [[(bytes: [UInt8], name: HPACKFieldName)]] = {
        let all = allCases.map { (bytes: Array($0.rawValue.utf8), name: $0) }
        let longest = all.map(\.bytes.count).max() ?? 0
        return (0...longest).map { length in all.filter { $0.bytes.count == length } }
    }()
}

extension Span<UInt8> {
    /// Whether these bytes stand there.
    fileprivate func holds(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        guard bytes.count <= count - start else { return false }
        for index in bytes.indices where self[start + index] != bytes[index] { return false }
        return true
    }
}
