import Protocols

/// Finds the bodies of requests and responses, as they crossed: content codings are kept, chunks are put together.
struct HTTPContent: ContentFinder {
    private var session: WireSession<HTTPDecoder>
    private var lanes = [Lane(), Lane()]
    private var hasFailed = false

    private struct Lane {
        /// Of the message under way.
        var content: Content?
        /// Its first byte has been seen.
        var isOpen = false
        var isChunked = false
    }

    init(limits: WireLimits) { session = WireSession(HTTPDecoder(limits: limits), limits: limits) }

    mutating func data(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, into sink: inout some ContentSink
    ) {
        guard !hasFailed else { return }
        var lanes = exchange(&self.lanes, with: [])
        do throws(WireFault) {
            try session.feed(bytes, direction) { event, direction, offset, bytes in
                let slot = direction == .clientToServer ? 0 : 1
                switch event {
                case .message(let message), .head(let message, _):
                    let content = Content(kind: .requestBody, direction: direction, offset: offset, time: time)
                    Self.begin(message, bytes, content, &lanes[slot], &sink)
                case .body(let isLast): Self.body(bytes, isLast: isLast, &lanes[slot], &sink)
                case .become, .opaque: break
                }
            }
        } catch {
            hasFailed = true
        }
        self.lanes = lanes
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink) {
        Self.end(&lanes[direction == .clientToServer ? 0 : 1], isWhole: false, &sink)
        do throws(WireFault) { try session.gap(length, direction) } catch { hasFailed = true }
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
        lane = Lane(content: content, isChunked: framing == .chunked)
    }

    private static func body(
        _ bytes: Span<UInt8>, isLast: Bool, _ lane: inout Lane, _ sink: inout some ContentSink
    ) {
        guard let content = lane.content else { return }
        if !exchange(&lane.isOpen, with: true) { sink.begin(content) }
        sink.append(bytes, content.direction)
        // A chunk is not the last one before the trailers have come.
        if isLast, !lane.isChunked { end(&lane, isWhole: true, &sink) }
    }

    private static func end(_ lane: inout Lane, isWhole: Bool, _ sink: inout some ContentSink) {
        if lane.isOpen, let content = lane.content { sink.end(content.direction, isWhole: isWhole) }
        lane = Lane()
    }

    private static func facts(_ fields: HTTPFields, _ framing: HTTPFraming, _ bytes: Span<UInt8>) -> [String: String] {
        var facts: [String: String] = [:]
        for name in ["content-type", "content-encoding", "content-disposition"] {
            facts[name] = fields.first(named: name, in: bytes)?.value(in: bytes)
        }
        if framing == .untilClose { facts["framing"] = "until-close" }
        return facts
    }
}
