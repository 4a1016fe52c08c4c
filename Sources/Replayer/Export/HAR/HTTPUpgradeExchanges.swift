import Protocols

/// The exchanges of an HTTP/1 connection, and of the HTTP/2 that it may go over to (RFC 7540 §3.2).
struct HTTPUpgradeExchanges: HARExchanges {
    typealias Decoder = HTTPUpgradeDecoder

    private var http = HTTPExchanges()
    private var http2 = HTTP2Exchanges()
    /// Where HTTP/2 begins in each direction.
    private var beginnings: [2 of UInt64?] = [nil, nil]

    var heldCount: Int { http.heldCount + http2.heldCount }

    mutating func take(
        _ event: WireEvent<HTTPUpgradeMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp, room: Int
    ) {
        let isOver = beginnings[slot(direction)] != nil
        if let event = event.http2(isOver: isOver) {
            if !isOver { goOver(direction, at: offset) }
            http2.take(event, direction, offset, bytes, start: start, at: time, room: room - http.heldCount)
        } else if let event = event.http {
            http.take(event, direction, offset, bytes, start: start, at: time, room: room - http2.heldCount)
        }
    }

    private mutating func goOver(_ direction: Direction, at offset: UInt64) {
        if beginnings[0] == nil, beginnings[1] == nil, let asked = http.leave() { http2.begin(asked: asked) }
        beginnings[slot(direction)] = offset
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, _ decoder: HTTPUpgradeDecoder, at time: Timestamp) {
        if beginnings[slot(direction)] == nil {
            http.gap(length, direction, decoder.http, at: time)
        } else {
            http2.gap(length, direction, decoder.http2, at: time)
        }
    }

    mutating func annotation(_ note: Annotation) {
        if let beginning = beginnings[slot(note.direction)], note.range.lowerBound >= beginning {
            http2.annotation(note)
        } else {
            http.annotation(note)
        }
    }

    mutating func abandon(_ reason: String) {
        http.abandon(reason)
        http2.abandon(reason)
    }

    mutating func finish() {
        http.finish()
        http2.finish()
    }

    mutating func drain() -> [HARExchange] { http.drain() + http2.drain() }

    private func slot(_ direction: Direction) -> Int { direction == .clientToServer ? 0 : 1 }
}

extension WireEvent where Message == HTTPUpgradeMessage {
    /// `nil` for what HTTP/2 says.
    fileprivate var http: WireEvent<HTTPMessage>? {
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
    fileprivate func http2(isOver: Bool) -> WireEvent<HTTP2Message>? {
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
