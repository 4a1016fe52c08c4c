/// What one or the other protocol says.
public enum HTTPUpgradeMessage: Sendable {
    case http(HTTPMessage)
    case http2(HTTP2Message)
}

/// Reads HTTP/1.1, and the HTTP/2 that a connection may go over to (RFC 7540 §3.2), as one protocol.
public struct HTTPUpgradeDecoder: WireDecoder {
    public private(set) var http: HTTPDecoder
    public private(set) var http2: HTTP2Decoder
    private var isOver: [2 of Bool] = [false, false]

    public init(limits: WireLimits) {
        http = HTTPDecoder(limits: limits)
        http2 = HTTP2Decoder(behindUpgrade: limits)
    }

    public mutating func step(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTPUpgradeMessage> {
        if !isOver[direction.slot] {
            let step = try http.step(bytes, direction)
            guard case .become(.http2) = step else { return step.map(HTTPUpgradeMessage.http) }
            isOver[direction.slot] = true
        }
        return try http2.step(bytes, direction).map(HTTPUpgradeMessage.http2)
    }

    public mutating func end(_ direction: Direction) throws(WireFault) -> Step<HTTPUpgradeMessage>? {
        isOver[direction.slot]
            ? try http2.end(direction)?.map(HTTPUpgradeMessage.http2)
            : try http.end(direction)?.map(HTTPUpgradeMessage.http)
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        if isOver[direction.slot] {
            try http2.gap(length, direction)
        } else {
            try http.gap(length, direction)
        }
    }
}

extension Step {
    /// The same with another message.
    fileprivate func map<Other: Sendable>(_ other: (Message) -> Other) -> Step<Other> {
        switch self {
        case .message(let message, let length): .message(other(message), length: length)
        case .head(let message, let length, let body): .head(other(message), length: length, body: body)
        case .body(let length, let isLast): .body(length: length, isLast: isLast)
        case .needMore(let count): .needMore(atLeast: count)
        case .awaitOther: .awaitOther
        case .become(let next): .become(next)
        case .opaque(let reason): .opaque(reason)
        }
    }
}

extension WireEvent where Message == HTTPUpgradeMessage {
    /// `nil` for what HTTP/2 says.
    public var http: WireEvent<HTTPMessage>? {
        switch self {
        case .message(.http(let message)): .message(message)
        case .head(.http(let message), let body): .head(message, body: body)
        case .message(.http2), .head(.http2, _): nil
        case .body(let isLast): .body(isLast: isLast)
        case .become(let next): .become(next)
        case .opaque(let reason): .opaque(reason)
        }
    }

    /// `nil` for what HTTP/1 says.
    ///
    /// - Parameter isOver: whether the direction has gone over.
    public func http2(isOver: Bool) -> WireEvent<HTTP2Message>? {
        switch self {
        case .message(.http2(let message)): .message(message)
        case .head(.http2(let message), let body): .head(message, body: body)
        case .message(.http), .head(.http, _): nil
        case .body(let isLast): isOver ? .body(isLast: isLast) : nil
        case .become(let next): isOver ? .become(next) : nil
        case .opaque(let reason): isOver ? .opaque(reason) : nil
        }
    }
}
