import Protocols

/// Finds the bodies of requests and responses, as they crossed: content codings are kept, chunks are put together.
struct HTTPContent: ContentReader {
    typealias Decoder = HTTPDecoder

    private var lanes: [2 of Lane] = [Lane(.clientToServer), Lane(.serverToClient)]

    private struct Lane {
        let place: ContentLane
        /// Of the message under way.
        var content: Content?
        /// Its first byte has been seen.
        var isOpen = false
        var isChunked = false

        init(_ direction: Direction) { place = ContentLane(direction) }
    }

    mutating func take(
        _ event: WireEvent<HTTPMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        at time: Timestamp, into sink: inout some ContentSink
    ) {
        let slot = direction.slot
        switch event {
        case .message(let message), .head(let message, _):
            let content = Content(.requestBody, lanes[slot].place, offset: offset, time: time)
            Self.begin(message, bytes, content, &lanes[slot], &sink)
        case .body(let isLast): Self.body(bytes, isLast: isLast, &lanes[slot], &sink)
        case .become, .opaque: break
        }
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink) {
        Self.end(&lanes[direction.slot], isWhole: false, &sink)
    }

    mutating func finish(into sink: inout some ContentSink) {
        for slot in lanes.indices {
            // A body that lasts until the end of the stream is whole with it (RFC 9112 §8).
            let lasts = lanes[slot].content?.facts["framing"] == "until-close"
            Self.end(&lanes[slot], isWhole: lasts, &sink)
        }
    }

    private static func begin(
        _ message: HTTPMessage, _ bytes: Span<UInt8>, _ content: Content, _ lane: inout Lane,
        _ sink: inout some ContentSink
    ) {
        var content = content
        switch message {
        case .request(let head):
            content.facts = facts(head.fields, head.framing, bytes)
            content.facts["target"] = DisplayText.decode(bytes.extracting(head.target), limit: 2000)
            start(content, head.framing, &lane, &sink)
        case .response(let head):
            content.kind = .responseBody
            content.facts = facts(head.fields, head.framing, bytes)
            content.facts["status"] = String(head.status)
            start(content, head.framing, &lane, &sink)
        case .chunk, .chunkEnd: break
        case .trailers: end(&lane, isWhole: true, &sink)
        case .frame: lane.content = nil
        }
    }

    private static func start(
        _ content: Content, _ framing: HTTPFraming, _ lane: inout Lane, _ sink: inout some ContentSink
    ) {
        end(&lane, isWhole: false, &sink)
        lane.content = content
        lane.isChunked = framing == .chunked
    }

    private static func body(
        _ bytes: Span<UInt8>, isLast: Bool, _ lane: inout Lane, _ sink: inout some ContentSink
    ) {
        guard let content = lane.content else { return }
        if !exchange(&lane.isOpen, with: true) { sink.begin(content) }
        sink.append(bytes, lane.place)
        // A chunk is not the last one before the trailers have come.
        if isLast, !lane.isChunked { end(&lane, isWhole: true, &sink) }
    }

    private static func end(_ lane: inout Lane, isWhole: Bool, _ sink: inout some ContentSink) {
        if lane.isOpen, lane.content != nil { sink.end(lane.place, isWhole: isWhole) }
        lane.content = nil
        lane.isOpen = false
    }

    private static func facts(_ fields: HTTPFields, _ framing: HTTPFraming, _ bytes: Span<UInt8>) -> [String: String] {
        var facts: [String: String] = [:]
        for name in Content.fields { facts[name] = fields.first(named: name, in: bytes)?.value(in: bytes) }
        if framing == .untilClose { facts["framing"] = "until-close" }
        return facts
    }
}

extension Content {
    /// What is told of a body beside what was asked and answered.
    static let fields = ["content-type", "content-encoding", "content-disposition"]
}
