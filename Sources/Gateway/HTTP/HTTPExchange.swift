import Protocols

/// How far one request and its response have come.
struct HTTPExchange: Sendable, Equatable {
    enum Request: Sendable, Equatable {
        /// Its head has gone, its content goes.
        case flowing
        case complete
    }

    enum Response: Sendable, Equatable {
        case awaited
        /// Its head has gone.
        case flowing
        case complete
    }

    var request: Request
    var response = Response.awaited
    let isHead: Bool
    let version: HTTPVersion
    /// Whether the client's connection ends with this response.
    var closesClient: Bool
    /// Whether the upstream's does.
    var closesUpstream = false
    /// The response's content lasts until the upstream closes.
    var lastsUntilClose = false
    var isRequestChunked = false
    var isResponseChunked = false
    /// The client gets content without chunk framing: it speaks HTTP/1.0.
    var unchunks = false
    /// What is said again to another upstream when one that was kept too long has gone; `nil`: nothing may be.
    var resend: Replacement?
    /// What of the request went on, where that was not all of it.
    var part: HTTPPart?
    /// How an event stream passes of which some may not be shown; `nil`: as it comes.
    var edit: EventStreamEdit?
    /// The answer may be a stream of revision 2024-11-05, whose first event names a path that is another one here.
    var mayNameEndpoint = false
    /// What the upstream's 101 has to say; `nil`: it may say none.
    var handshake: WebSocketHandshake?

    init(_ head: HTTPRequestHead) {
        request = head.hasContent ? .flowing : .complete
        isHead = head.method == .head
        version = head.version
        closesClient = head.isLast
        isRequestChunked = head.framing == .chunked
    }

    /// The response's head goes.
    mutating func responseBegins(_ head: HTTPResponseHead) {
        response = .flowing
        resend = nil
        unchunks = isResponseChunked && version == .http10
        lastsUntilClose = head.framing == .untilClose
        closesUpstream = head.isLast
        closesClient = closesClient || lastsUntilClose || unchunks
    }

    var isComplete: Bool { response == .complete && request == .complete }
}

extension HTTPRequestHead {
    var hasContent: Bool {
        switch framing {
        case .none, .length(0): false
        case .length, .chunked, .untilClose: true
        }
    }

    /// Whether a request may be repeated by itself (RFC 9110 §9.2.2).
    var isIdempotent: Bool {
        switch method {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .connect, .patch, .other: false
        }
    }
}
