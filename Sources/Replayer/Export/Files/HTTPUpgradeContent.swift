import Protocols

/// Finds the bodies of HTTP/1, and of the HTTP/2 that the connection may go over to (RFC 7540 §3.2).
struct HTTPUpgradeContent: ContentReader {
    typealias Decoder = HTTPUpgradeDecoder

    private var http = HTTPContent()
    private var http2 = HTTP2Content()
    private var isOver: [2 of Bool] = [false, false]

    mutating func take(
        _ event: WireEvent<HTTPUpgradeMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        at time: Timestamp, into sink: inout some ContentSink
    ) {
        if let event = event.http2(isOver: isOver[direction.slot]) {
            isOver[direction.slot] = true
            http2.take(event, direction, offset, bytes, at: time, into: &sink)
        } else if let event = event.http {
            http.take(event, direction, offset, bytes, at: time, into: &sink)
        }
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink) {
        if isOver[direction.slot] {
            http2.gap(length, direction, into: &sink)
        } else {
            http.gap(length, direction, into: &sink)
        }
    }

    mutating func finish(into sink: inout some ContentSink) {
        http.finish(into: &sink)
        http2.finish(into: &sink)
    }
}
