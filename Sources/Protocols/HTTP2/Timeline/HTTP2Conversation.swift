/// The timeline of an HTTP/2 connection: one event per request or call, and what was said about the connection itself.
public typealias HTTP2Timeline = ConversationTimeline<HTTP2Conversation>

/// Streams run side by side; each is told when it has ended, in the order in which they began.
public struct HTTP2Conversation: Conversation {
    /// More than peers let each other have open; the oldest is then told as it stands.
    private static let streamsMaximum = 2000
    private static let debugDataShown = 1024

    public var events = EventQueue()
    private var streams: [UInt32: HTTP2StreamDraft] = [:]
    /// The DATA frame that a direction is in the middle of.
    private var data: [2 of HTTP2Data?] = [nil, nil]
    private var counts = HTTP2Counts()
    private var opaque: Set<Direction> = []
    /// Streams that were reset of late: what the other side sent before it knew (RFC 9113 §5.1) begins no new one.
    private var reset: [UInt32] = []
    private static let resetsRemembered = 1000

    public init(limits: WireLimits) {}

    public mutating func take(
        _ event: WireEvent<HTTP2Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        let range = offset..<offset &+ UInt64(bytes.count)
        switch event {
        case .message(let message), .head(let message, _):
            opaque.remove(direction)
            take(message, direction, range, bytes, start: start, at: time)
        case .body(let isLast): body(direction, range, bytes, isLast: isLast, at: time)
        case .opaque(let reason):
            if opaque.insert(direction).inserted { events.add(.opaque(reason, direction, offset: offset, at: time)) }
        case .become: break
        }
    }

    private mutating func take(
        _ message: HTTP2Message, _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        switch message {
        case .headers(let headers):
            open(headers.stream, start)
            streams[headers.stream]?.add(headers, direction, range, start: start, at: time)
            closeIfComplete(headers.stream, at: time)
        case .data(let data): begin(data, direction, range, at: time)
        case .pushPromise(_, let promised, let fields):
            open(promised, start)
            streams[promised]?.isPushed = true
            streams[promised]?.client.headers = HTTP2HeaderText(fields)
        case .reset(let stream, let code): reset(stream, code, direction, range, at: time)
        case .settings(let settings): tell(settings, direction, range, start, at: time)
        case .goAway(let message): tell(message, direction, range, bytes, start, at: time)
        case .ping(let isAcknowledgement): if !isAcknowledgement { counts.pings += 1 }
        case .windowUpdate: counts.windowUpdates += 1
        case .unknown: counts.unknown += 1
        case .preface, .padding, .priority, .settingsAcknowledgement: break
        }
    }

    // MARK: Streams

    private mutating func open(_ stream: UInt32, _ start: Timestamp) {
        guard streams[stream] == nil, !reset.contains(stream) else { return }
        if streams.count >= Self.streamsMaximum, let oldest = streams.values.min(by: { $0.ticket < $1.ticket }) {
            close(oldest.stream, at: start)
        }
        streams[stream] = HTTP2StreamDraft(stream, events.open(), start: start)
        counts.streams += 1
    }

    private mutating func close(_ stream: UInt32, at time: Timestamp) {
        guard let draft = streams.removeValue(forKey: stream) else { return }
        events.close(draft.ticket, draft.event(at: time))
    }

    private mutating func closeIfComplete(_ stream: UInt32, at time: Timestamp) {
        if streams[stream]?.isComplete == true { close(stream, at: time) }
    }

    private mutating func begin(
        _ message: HTTP2Data, _ direction: Direction, _ range: Range<UInt64>, at time: Timestamp
    ) {
        streams[message.stream]?[direction].cover(range)
        guard message.count == 0 else {
            data[slot(direction)] = message
            return
        }
        if message.endsStream {
            streams[message.stream]?.end(direction, at: time)
            closeIfComplete(message.stream, at: time)
        }
    }

    private mutating func body(
        _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>, isLast: Bool, at time: Timestamp
    ) {
        guard let message = data[slot(direction)] else { return }
        streams[message.stream]?.add(data: bytes, direction, range)
        guard isLast else { return }
        data[slot(direction)] = nil
        if message.endsStream {
            streams[message.stream]?.end(direction, at: time)
            closeIfComplete(message.stream, at: time)
        }
    }

    private mutating func reset(
        _ stream: UInt32, _ code: HTTP2ErrorCode, _ direction: Direction, _ range: Range<UInt64>, at time: Timestamp
    ) {
        counts.resets += 1
        streams[stream]?[direction].cover(range)
        streams[stream]?.reset = (direction.sender, code)
        close(stream, at: time)
        if reset.count == Self.resetsRemembered { reset.removeFirst() }
        reset.append(stream)
    }

    // MARK: The connection

    private mutating func tell(
        _ settings: [HTTP2Setting], _ direction: Direction, _ range: Range<UInt64>, _ start: Timestamp,
        at time: Timestamp
    ) {
        var event = TimelineEvent(
            sequence: 0, start: start, end: time, kind: "http2.settings", title: "what the \(direction.sender) allows",
            fields: settings.prefix(100).map { .init($0.name, .integer(Int64($0.value))) })
        event.setHTTP2Range(range, direction)
        events.add(event)
    }

    private mutating func tell(
        _ message: HTTP2GoAway, _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>,
        _ start: Timestamp, at time: Timestamp
    ) {
        let words = DisplayText.decode(bytes.extracting(message.debugData), limit: Self.debugDataShown)
        var event = TimelineEvent(
            sequence: 0, start: start, end: time, kind: "http2.goAway",
            title: "the \(direction.sender) takes no more requests",
            outcome: message.code == .noError ? .none : .failed(code: message.code.name, message: words),
            fields: [.init("lastStream", .integer(Int64(message.lastStream)))])
        if !words.isEmpty { event.fields.append(.init("debugData", .text(words))) }
        event.setHTTP2Range(range, direction)
        events.add(event)
    }

    // MARK: Ends

    public mutating func gap(_ length: UInt64, _ direction: Direction, offset: UInt64, at time: Timestamp) {
        if let message = data[slot(direction)] {
            streams[message.stream]?[direction].messages.lose()
        }
        events.add(.gap(length, direction, offset: offset, at: time))
    }

    public mutating func abandon(at time: Timestamp) {
        for draft in streams.values.sorted(by: { $0.ticket < $1.ticket }) { close(draft.stream, at: time) }
        data = [nil, nil]
    }

    public mutating func finish(at time: Timestamp) {
        abandon(at: time)
        if let event = counts.event(at: time) { events.add(event) }
    }

    // MARK: Snapshot

    public func snapshot(_ decoder: HTTP2Decoder) -> JSON? {
        guard streams.isEmpty, events.isEmpty, opaque.isEmpty, data[0] == nil, data[1] == nil,
            let decoder = decoder.snapshot()
        else { return nil }
        let reset = JSON.array(self.reset.map { .unsigned(UInt64($0)) })
        return .object(["decoder": decoder, "counts": counts.snapshot, "reset": reset])
    }

    public static func resume(_ snapshot: JSON, limits: WireLimits) -> (HTTP2Decoder, HTTP2Conversation)? {
        guard let decoder = snapshot["decoder"].flatMap({ HTTP2Decoder(snapshot: $0, limits: limits) }),
            let counts = snapshot["counts"].flatMap(HTTP2Counts.init), let reset = snapshot["reset"]?.array
        else { return nil }
        var conversation = HTTP2Conversation(limits: limits)
        conversation.counts = counts
        conversation.reset = reset.suffix(resetsRemembered).compactMap { $0.unsigned.flatMap(UInt32.init(exactly:)) }
        return (decoder, conversation)
    }

    private func slot(_ direction: Direction) -> Int { direction == .clientToServer ? 0 : 1 }
}

extension TimelineEvent {
    fileprivate mutating func setHTTP2Range(_ range: Range<UInt64>, _ direction: Direction) {
        if direction == .clientToServer { request = range } else { response = range }
    }
}
