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
        let isOver = beginnings[direction.slot] != nil
        if let event = event.http2(isOver: isOver) {
            if !isOver { goOver(direction, at: offset) }
            http2.take(event, direction, offset, bytes, start: start, at: time, room: room - http.heldCount)
        } else if let event = event.http {
            http.take(event, direction, offset, bytes, start: start, at: time, room: room - http2.heldCount)
        }
    }

    private mutating func goOver(_ direction: Direction, at offset: UInt64) {
        if beginnings[0] == nil, beginnings[1] == nil, let asked = http.leave() { http2.begin(asked: asked) }
        beginnings[direction.slot] = offset
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, _ decoder: HTTPUpgradeDecoder, at time: Timestamp) {
        if beginnings[direction.slot] == nil {
            http.gap(length, direction, decoder.http, at: time)
        } else {
            http2.gap(length, direction, decoder.http2, at: time)
        }
    }

    mutating func annotation(_ note: Annotation) {
        if let beginning = beginnings[note.direction.slot], note.range.lowerBound >= beginning {
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
}
