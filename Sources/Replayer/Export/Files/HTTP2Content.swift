import Protocols

/// Finds the bodies of requests and responses in the streams of HTTP/2 (RFC 9113 §8.1): messages of gRPC with their prefixes.
struct HTTP2Content: ContentReader {
    typealias Decoder = HTTP2Decoder

    /// More than peers let each other have open; the oldest body then ends.
    private static let openMaximum = 4000

    private var open: [ContentLane: Body] = [:]
    /// The DATA frame that a direction is in the middle of.
    private var data: [2 of HTTP2Data?] = [nil, nil]
    /// Bytes of a direction are missing, header blocks maybe among them.
    private var hasHole: [2 of Bool] = [false, false]

    private struct Body {
        var content: Content
        /// Its first byte has been seen.
        var hasBegun = false
        /// Bytes of it may be missing.
        var isTorn = false
    }

    mutating func take(
        _ event: WireEvent<HTTP2Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        at time: Timestamp, into sink: inout some ContentSink
    ) {
        switch event {
        case .message(let message), .head(let message, _): take(message, direction, offset, at: time, &sink)
        case .body(let isLast): body(bytes, direction, isLast: isLast, &sink)
        case .become, .opaque: break
        }
    }

    private mutating func take(
        _ message: HTTP2Message, _ direction: Direction, _ offset: UInt64, at time: Timestamp,
        _ sink: inout some ContentSink
    ) {
        switch message {
        case .headers(let headers):
            let lane = ContentLane(direction, stream: headers.stream)
            begin(headers, lane, offset, at: time, &sink)
            if headers.endsStream { end(lane, isWhole: true, &sink) }
        case .data(let data):
            let lane = ContentLane(direction, stream: data.stream)
            if hasHole[direction.slot], open[lane] == nil {
                let kind: Content.Kind = direction == .clientToServer ? .requestBody : .responseBody
                open(Body(content: Content(kind, lane, offset: offset, time: time), isTorn: true), &sink)
            }
            if data.count > 0 {
                self.data[direction.slot] = data
            } else if data.endsStream {
                end(lane, isWhole: true, &sink)
            }
        case .reset(let stream, _):
            for direction in Direction.allCases { end(ContentLane(direction, stream: stream), isWhole: false, &sink) }
        default: break
        }
    }

    /// Trailers stand behind a body, interim responses before one that comes later.
    private mutating func begin(
        _ headers: HTTP2Headers, _ lane: ContentLane, _ offset: UInt64, at time: Timestamp,
        _ sink: inout some ContentSink
    ) {
        guard open[lane]?.hasBegun != true else { return }
        let isRequest = lane.direction == .clientToServer
        var content = Content(isRequest ? .requestBody : .responseBody, lane, offset: offset, time: time)
        for name in Content.fields { content.facts[name] = headers.text(name) }
        content.facts[isRequest ? "target" : "status"] = headers.text(isRequest ? ":path" : ":status")
        open(Body(content: content), &sink)
    }

    private mutating func open(_ body: Body, _ sink: inout some ContentSink) {
        if open.count >= Self.openMaximum, let oldest = open.keys.min(by: { $0.stream < $1.stream }) {
            end(oldest, isWhole: false, &sink)
        }
        open[body.content.lane] = body
    }

    private mutating func body(
        _ bytes: Span<UInt8>, _ direction: Direction, isLast: Bool, _ sink: inout some ContentSink
    ) {
        guard let frame = data[direction.slot] else { return }
        if isLast { data[direction.slot] = nil }
        let lane = ContentLane(direction, stream: frame.stream)
        if let content = open[lane]?.content {
            if open[lane]?.hasBegun == false { sink.begin(content) }
            open[lane]?.hasBegun = true
            sink.append(bytes, lane)
        }
        if isLast, frame.endsStream { end(lane, isWhole: true, &sink) }
    }

    /// Any body of the direction may have had bytes in the hole.
    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink) {
        hasHole[direction.slot] = true
        for lane in open.keys where lane.direction == direction { open[lane]?.isTorn = true }
    }

    mutating func finish(into sink: inout some ContentSink) {
        let lanes = open.keys.sorted { ($0.stream, $0.direction.rawValue) < ($1.stream, $1.direction.rawValue) }
        for lane in lanes { end(lane, isWhole: false, &sink) }
    }

    private mutating func end(_ lane: ContentLane, isWhole: Bool, _ sink: inout some ContentSink) {
        guard let body = open.removeValue(forKey: lane), body.hasBegun else { return }
        sink.end(lane, isWhole: isWhole && !body.isTorn)
    }
}

extension HTTP2Headers {
    /// Of the first field of that name.
    fileprivate func text(_ name: String) -> String? {
        fields.first { $0.name.elementsEqual(name.utf8) }.map { DisplayText.decode($0.value.span, limit: 2000) }
    }
}
