/// A request line and its fields (RFC 9112 §3).
public struct HTTPRequestHead: Sendable, Equatable {
    /// The four forms of a request target (RFC 9112 §3.2).
    public enum TargetForm: UInt8, Sendable {
        /// "/where?q=now".
        case origin
        /// "http://host/where"; its authority equals Host.
        case absolute
        /// "host:443", with CONNECT only.
        case authority
        /// "*", with OPTIONS only.
        case asterisk
    }

    public var method: HTTPMethod
    public var methodName: Range<Int>
    public var target: Range<Int>
    public var targetForm: TargetForm
    public var version: HTTPVersion
    public var fields: HTTPFields
    public var framing: HTTPFraming
    /// The client will send no further request on this connection.
    public var isLast: Bool
    /// What the client wants to speak instead.
    public var upgrade: HTTPUpgrade
}

/// A status line and its fields (RFC 9112 §4).
public struct HTTPResponseHead: Sendable, Equatable {
    public var status: Int
    /// The reason phrase; often empty.
    public var reason: Range<Int>
    public var version: HTTPVersion
    public var fields: HTTPFields
    public var framing: HTTPFraming
    /// The server will close the connection after this response.
    public var isLast: Bool

    /// 1xx: the final response is still to come. 101 is final for HTTP, but no response follows it.
    public var isInterim: Bool { status < 200 && status != 101 }
}

/// What an Upgrade field asks for (RFC 9110 §7.8).
public enum HTTPUpgrade: UInt8, Sendable {
    case none
    /// RFC 6455, and nothing else.
    case webSocket
    /// Anything else.
    case other
    /// HTTP/2 in the clear (RFC 7540 §3.2), and nothing else.
    case h2c
}
