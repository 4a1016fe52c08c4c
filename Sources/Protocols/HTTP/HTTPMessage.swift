/// What an HTTP/1 connection consists of (RFC 9112 §2.1), and the WebSocket frames that may follow.
///
/// All ranges count from the message's own first byte; they point into the bytes that the decoder was given.
public enum HTTPMessage: Sendable, Equatable {
    /// Comes as `Step.head` with its length when a body of known length follows, else as `Step.message`.
    case request(HTTPRequestHead)
    /// As a request; with a body of `nil` bytes when the body lasts until the end of the stream. An interim response
    /// (1xx) is one, too.
    case response(HTTPResponseHead)
    /// The line that begins a chunk, with its CRLF; the data follows as body pieces.
    case chunk(HTTPChunk)
    /// The CRLF behind a chunk's data.
    case chunkEnd
    /// The last chunk, the trailer section and the empty line: the message is complete.
    case trailers(HTTPFields)
    /// After a 101 to WebSocket, in both directions; the masked payload follows as body pieces.
    case frame(WebSocketFrameHead)
}

/// The line before a chunk's data (RFC 9112 §7.1).
public struct HTTPChunk: Sendable, Equatable {
    /// Bytes of data; never 0.
    public var size: UInt64
    /// Chunk extensions as they came, which nobody passes on; empty in general.
    public var extensions: Range<Int>
}

/// How long a message's content is (RFC 9112 §6.3).
public enum HTTPFraming: Sendable, Equatable {
    case none
    /// Content-Length; 0 is a message without content, too.
    case length(UInt64)
    case chunked
    /// Until the server closes the connection; responses only.
    case untilClose
}

public enum HTTPVersion: UInt8, Sendable, Comparable {
    case http10 = 10
    case http11 = 11

    public static func < (left: HTTPVersion, right: HTTPVersion) -> Bool { left.rawValue < right.rawValue }
}

/// Methods are case-sensitive (RFC 9110 §9.1): "get" is ``other``.
public enum HTTPMethod: UInt8, Sendable {
    case get, head, post, put, delete, connect, options, trace, patch, other

    /// "GET"; `nil` for ``other``, whose name is in the request line.
    public var name: StaticString? {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other: nil
        }
    }

    init(_ name: Span<UInt8>) {
        switch name.count {
        case 3: self = name.isEqual("GET") ? .get : name.isEqual("PUT") ? .put : .other
        case 4: self = name.isEqual("POST") ? .post : name.isEqual("HEAD") ? .head : .other
        case 5: self = name.isEqual("PATCH") ? .patch : name.isEqual("TRACE") ? .trace : .other
        case 6: self = name.isEqual("DELETE") ? .delete : .other
        case 7: self = name.isEqual("OPTIONS") ? .options : name.isEqual("CONNECT") ? .connect : .other
        default: self = .other
        }
    }
}
