/// The field names that have a meaning here; all others are ``other``.
public enum HTTPFieldName: UInt8, Sendable, CaseIterable {
    // Message framing and routing (RFC 9110 §7, RFC 9112 §6).
    case host, contentLength, transferEncoding
    // Hop by hop (RFC 9110 §7.6.1).
    case connection, keepAlive, proxyConnection, te, trailer, upgrade
    // Credentials.
    case authorization, proxyAuthorization, proxyAuthenticate, wwwAuthenticate, cookie, setCookie
    // What intermediaries say of themselves.
    case via, forwarded, xForwardedFor, xForwardedHost, xForwardedProto, xRealIP
    // Content.
    case contentType, contentEncoding, accept, acceptEncoding, userAgent, server, date, location, expect, origin,
        referer
    // WebSocket (RFC 6455 §11.3).
    case secWebSocketKey, secWebSocketAccept, secWebSocketVersion, secWebSocketProtocol, secWebSocketExtensions
    // Server-sent events and MCP.
    case lastEventID, mcpSessionID, mcpProtocolVersion
    case other

    /// "content-length"; empty for ``other``.
    public var text: String {
        switch self {
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .authorization: "authorization"
        case .proxyAuthorization: "proxy-authorization"
        case .proxyAuthenticate: "proxy-authenticate"
        case .wwwAuthenticate: "www-authenticate"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .via: "via"
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedHost: "x-forwarded-host"
        case .xForwardedProto: "x-forwarded-proto"
        case .xRealIP: "x-real-ip"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .userAgent: "user-agent"
        case .server: "server"
        case .date: "date"
        case .location: "location"
        case .expect: "expect"
        case .origin: "origin"
        case .referer: "referer"
        case .secWebSocketKey: "sec-websocket-key"
        case .secWebSocketAccept: "sec-websocket-accept"
        case .secWebSocketVersion: "sec-websocket-version"
        case .secWebSocketProtocol: "sec-websocket-protocol"
        case .secWebSocketExtensions: "sec-websocket-extensions"
        case .lastEventID: "last-event-id"
        case .mcpSessionID: "mcp-session-id"
        case .mcpProtocolVersion: "mcp-protocol-version"
        case .other: ""
        }
    }

    /// Names are case-insensitive (RFC 9110 §5.1). The length and the first letter leave one or two to compare with.
    public init(_ name: Span<UInt8>) {
        self = .other
        guard name.count > 0 else { return }
        switch (name.count, name[0] | 0x20) {
        case (2, UInt8(ascii: "t")): settle(name, .te)
        case (3, UInt8(ascii: "v")): settle(name, .via)
        case (4, UInt8(ascii: "h")): settle(name, .host)
        case (4, UInt8(ascii: "d")): settle(name, .date)
        case (6, UInt8(ascii: "c")): settle(name, .cookie)
        case (6, UInt8(ascii: "a")): settle(name, .accept)
        case (6, UInt8(ascii: "e")): settle(name, .expect)
        case (6, UInt8(ascii: "s")): settle(name, .server)
        case (6, UInt8(ascii: "o")): settle(name, .origin)
        case (7, UInt8(ascii: "t")): settle(name, .trailer)
        case (7, UInt8(ascii: "r")): settle(name, .referer)
        case (7, UInt8(ascii: "u")): settle(name, .upgrade)
        case (8, UInt8(ascii: "l")): settle(name, .location)
        case (9, UInt8(ascii: "f")): settle(name, .forwarded)
        case (9, UInt8(ascii: "x")): settle(name, .xRealIP)
        case (10, UInt8(ascii: "c")): settle(name, .connection)
        case (10, UInt8(ascii: "k")): settle(name, .keepAlive)
        case (10, UInt8(ascii: "u")): settle(name, .userAgent)
        case (10, UInt8(ascii: "s")): settle(name, .setCookie)
        case (12, UInt8(ascii: "c")): settle(name, .contentType)
        case (13, UInt8(ascii: "a")): settle(name, .authorization)
        case (13, UInt8(ascii: "l")): settle(name, .lastEventID)
        case (14, UInt8(ascii: "c")): settle(name, .contentLength)
        case (14, UInt8(ascii: "m")): settle(name, .mcpSessionID)
        case (15, UInt8(ascii: "a")): settle(name, .acceptEncoding)
        case (15, UInt8(ascii: "x")): settle(name, .xForwardedFor)
        case (16, UInt8(ascii: "c")): settle(name, .contentEncoding)
        case (16, UInt8(ascii: "w")): settle(name, .wwwAuthenticate)
        case (16, UInt8(ascii: "p")): settle(name, .proxyConnection)
        case (16, UInt8(ascii: "x")): settle(name, .xForwardedHost)
        case (17, UInt8(ascii: "t")): settle(name, .transferEncoding)
        case (17, UInt8(ascii: "x")): settle(name, .xForwardedProto)
        case (17, UInt8(ascii: "s")): settle(name, .secWebSocketKey)
        case (18, UInt8(ascii: "p")): settle(name, .proxyAuthenticate)
        case (19, UInt8(ascii: "p")): settle(name, .proxyAuthorization)
        case (20, UInt8(ascii: "s")): settle(name, .secWebSocketAccept)
        case (20, UInt8(ascii: "m")): settle(name, .mcpProtocolVersion)
        case (21, UInt8(ascii: "s")): settle(name, .secWebSocketVersion)
        case (22, UInt8(ascii: "s")): settle(name, .secWebSocketProtocol)
        case (24, UInt8(ascii: "s")): settle(name, .secWebSocketExtensions)
        default: break
        }
    }

    private mutating func settle(_ name: Span<UInt8>, _ candidate: HTTPFieldName) {
        if name.isEqualIgnoringCase(candidate.text) { self = candidate }
    }
}
