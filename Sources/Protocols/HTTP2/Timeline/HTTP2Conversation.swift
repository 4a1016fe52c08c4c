/// The timeline of an HTTP/2 connection: one event per request or call, and what was said about the connection itself.
public typealias HTTP2Timeline<Primitives: TimelinePrimitives> = ConversationTimeline<HTTP2Conversation<Primitives>>

/// Streams run side by side; each is told when it has ended, in the order in which they began.
public struct HTTP2Conversation<Primitives: TimelinePrimitives>: Conversation {
    /// More than peers let each other have open; the oldest is then told as it stands.
    private static var streamsMaximum: Int { 2000 }
    private static var debugDataShown: Int { 1024 }

    public var events = EventQueue()
    private var streams = HTTP2StreamTable()
    /// The DATA frame that a direction is in the middle of.
    private var data: [2 of HTTP2Data?] = [nil, nil]
    private var counts = HTTP2Counts()
    /// Directions that cannot be read, as has been told.
    private var opaque: [2 of Bool] = [false, false]
    /// Streams that were reset of late: what the other side sent before it knew (RFC 9113 §5.1) begins no new one.
    private var reset: [UInt32] = []
    private static var resetsRemembered: Int { 1000 }
    private var rules = HTTP2Rules()
    /// The connection's first byte was seen: what is missing in a header block is not there.
    private var hasPreface = false
    private var breaches = 0
    private static var breachesTold: Int { 100 }

    private let selection: EventSelection

    public init(limits: WireLimits, selection: EventSelection) { self.selection = selection }

    public var heldCount: Int { events.heldCount + streams.heldCount }

    public mutating func take(
        _ event: WireEvent<HTTP2Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        let range = offset..<offset &+ UInt64(bytes.count)
        switch event {
        case .message(let message), .head(let message, _):
            opaque[direction.slot] = false
            take(message, direction, range, bytes, start: start, at: time)
        case .body(let isLast): body(direction, range, bytes, isLast: isLast, at: time)
        case .opaque(let reason):
            if !exchange(&opaque[direction.slot], with: true) {
                events.add(.opaque(reason, direction, offset: offset, at: time))
            }
        case .become: break
        }
    }

    private mutating func take(
        _ message: HTTP2Message, _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        if !hasPreface, message != .preface, direction == .clientToServer || !message.isSettings { rules.lose() }
        switch message {
        case .headers(let headers): take(headers, direction, range, start: start, at: time)
        case .data(let data): begin(data, direction, range, at: time)
        case .pushPromise(let promise):
            if let place = open(promise.promised, start) {
                streams[place].promise(HTTP2HeaderText(promise.block.list))
            }
        case .reset(let stream, let code): reset(stream, code, direction, range, at: time)
        case .settings(let settings):
            rules.set(settings, direction)
            tell(settings, direction, range, start, at: time)
        case .goAway(let message): tell(message, direction, range, bytes, start, at: time)
        case .ping(let isAcknowledgement): if !isAcknowledgement { counts.pings += 1 }
        case .windowUpdate(let stream, let increment):
            counts.windowUpdates += 1
            tell(rules.update(stream, by: increment, direction), stream, direction, range, at: time)
        case .unknown: counts.unknown += 1
        case .preface: hasPreface = true
        case .padding(let stream):
            tell(rules.sent(bytes.count, on: stream, direction), stream, direction, range, at: time)
        case .settingsAcknowledgement: rules.acknowledged(direction)
        case .priority: break
        }
    }

    private mutating func take(
        _ headers: HTTP2Headers, _ direction: Direction, _ range: Range<UInt64>, start: Timestamp, at time: Timestamp
    ) {
        guard let place = open(headers.stream, start) else { return }
        tell(rules.open(headers.stream, by: direction), headers.stream, direction, range, at: time)
        let block = streams[place].add(
            HTTP2HeaderText(headers.block.list), endsStream: headers.endsStream, direction, range, start: start,
            at: time)
        if hasPreface {
            tell(HTTP2FieldRules.breach(headers.block.list, block), headers.stream, direction, range, at: time)
        }
        closeIfComplete(place, at: time)
    }

    // MARK: Rules

    /// A rule that was broken by frames that can be read none the less.
    private mutating func tell(
        _ breach: String?, _ stream: UInt32, _ direction: Direction, _ range: Range<UInt64>, at time: Timestamp
    ) {
        guard let breach, breaches < Self.breachesTold else { return }
        breaches += 1
        var event = TimelineEvent(sequence: 0, start: time, stream: stream, kind: "fault", title: breach)
        event.setHTTP2Range(range, direction)
        events.add(event)
    }

    // MARK: Streams

    /// Both sides have gone over to HTTP/2, with what the client has asked.
    mutating func begin(_ upgrade: HTTP2Upgrade) {
        // Nothing can be missing before: the server's frames may come before the client's preface.
        hasPreface = true
        rules.set(upgrade.settings, .clientToServer)
        // The 101 acknowledges them (RFC 7540 §3.2.1).
        rules.acknowledged(.serverToClient)
        guard let place = open(HTTP2Upgrade.stream, upgrade.start) else { return }
        _ = rules.open(HTTP2Upgrade.stream, by: .clientToServer)
        let text = HTTP2HeaderText(HPACKHeaderList(upgrade.fields), hidesCredentials: false)
        streams[place].add(
            text, endsStream: true, .clientToServer, upgrade.range, start: upgrade.start, at: upgrade.end)
        streams[place].client.dataBytes = upgrade.contentBytes
    }

    /// Where the stream's draft lies, which may have begun just now; `nil` for what comes behind a reset.
    private mutating func open(_ stream: UInt32, _ start: Timestamp) -> Int? {
        if let place = streams.place(of: stream) { return place }
        guard !reset.contains(stream) else { return nil }
        if streams.count >= Self.streamsMaximum, let oldest = streams.oldest { close(oldest, at: start) }
        streams.append(HTTP2StreamDraft(stream, events.open(), start: start))
        counts.streams += 1
        return streams.count - 1
    }

    private mutating func close(_ place: Int, at time: Timestamp) {
        let draft = streams.remove(at: place)
        rules.close(draft.stream)
        events.close(draft.ticket, draft.event(at: time, selection, Primitives.self), holding: draft.heldCount)
    }

    private mutating func closeIfComplete(_ place: Int, at time: Timestamp) {
        if streams[place].isComplete { close(place, at: time) }
    }

    private mutating func begin(
        _ message: HTTP2Data, _ direction: Direction, _ range: Range<UInt64>, at time: Timestamp
    ) {
        let place = streams.place(of: message.stream)
        if let place { streams[place][direction].cover(range) }
        // What counts is the frame's content, its padding and the length of that (§6.9.1).
        let count = message.count + range.count - HTTP2FrameHeader.byteCount
        tell(rules.sent(count, on: message.stream, direction), message.stream, direction, range, at: time)
        guard message.count == 0 else {
            data[direction.slot] = message
            return
        }
        guard message.endsStream, let place else { return }
        streams[place][direction].end(at: time)
        closeIfComplete(place, at: time)
    }

    private mutating func body(
        _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>, isLast: Bool, at time: Timestamp
    ) {
        guard let message = data[direction.slot] else { return }
        if isLast { data[direction.slot] = nil }
        guard let place = streams.place(of: message.stream) else { return }
        streams[place].add(data: bytes, direction, range)
        if isLast, message.endsStream { streams[place][direction].end(at: time) }
        closeIfComplete(place, at: time)
    }

    private mutating func reset(
        _ stream: UInt32, _ code: HTTP2ErrorCode, _ direction: Direction, _ range: Range<UInt64>, at time: Timestamp
    ) {
        counts.resets += 1
        if let place = streams.place(of: stream) {
            streams[place][direction].cover(range)
            streams[place].reset = (direction.sender, code)
            close(place, at: time)
        }
        if reset.count == Self.resetsRemembered { reset.removeFirst() }
        reset.append(stream)
    }

    // MARK: The connection

    private mutating func tell(
        _ settings: [HTTP2Setting], _ direction: Direction, _ range: Range<UInt64>, _ start: Timestamp,
        at time: Timestamp
    ) {
        var fields = SelectedFields(selection)
        for setting in settings.prefix(100) { fields.add(setting.field, .integer(Int64(setting.value))) }
        var event = TimelineEvent(
            sequence: 0, start: start, end: time, kind: "http2.settings",
            title: direction == .clientToServer ? "what the client allows" : "what the server allows",
            fields: fields.all)
        event.setHTTP2Range(range, direction)
        events.add(event)
    }

    private mutating func tell(
        _ message: HTTP2GoAway, _ direction: Direction, _ range: Range<UInt64>, _ bytes: Span<UInt8>,
        _ start: Timestamp, at time: Timestamp
    ) {
        let words = DisplayText.decode(bytes.extracting(message.debugData), limit: Self.debugDataShown)
        var fields = SelectedFields(selection)
        fields.add(HTTP2Fields.lastStream, .integer(Int64(message.lastStream)))
        if !words.isEmpty { fields.add(HTTP2Fields.debugData, .text(words)) }
        var event = TimelineEvent(
            sequence: 0, start: start, end: time, kind: "http2.goAway",
            title: "the \(direction.sender) takes no more requests",
            outcome: message.code == .noError ? .none : .failed(code: message.code.name, message: words),
            fields: fields.all)
        event.setHTTP2Range(range, direction)
        events.add(event)
    }

    // MARK: Ends

    public mutating func gap(_ length: UInt64, _ direction: Direction, offset: UInt64, at time: Timestamp) {
        rules.lose()
        hasPreface = false
        if let place = data[direction.slot].flatMap({ streams.place(of: $0.stream) }) {
            streams[place][direction].loseMessages()
        }
        events.add(.gap(length, direction, offset: offset, at: time))
    }

    public mutating func abandon(at time: Timestamp) {
        for stream in streams.numbers { if let place = streams.place(of: stream) { close(place, at: time) } }
        data = [nil, nil]
    }

    public mutating func finish(at time: Timestamp) {
        abandon(at: time)
        if let event = counts.event(at: time, selection) { events.add(event) }
    }

    // MARK: Snapshot

    public func snapshot(_ decoder: HTTP2Decoder) -> JSON? {
        guard streams.isEmpty, events.isEmpty, !opaque[0], !opaque[1], data[0] == nil, data[1] == nil,
            let decoder = decoder.snapshot(), let rules = rules.snapshot
        else { return nil }
        let reset = JSON.array(self.reset.map { .unsigned(UInt64($0)) })
        return .object([
            "decoder": decoder, "counts": counts.snapshot, "reset": reset, "rules": rules, "preface": .bool(hasPreface),
            "breaches": .integer(Int64(breaches)),
        ])
    }

    public static func resume(_ snapshot: JSON, limits: WireLimits) -> (HTTP2Decoder, Self)? {
        guard let decoder = snapshot["decoder"].flatMap({ HTTP2Decoder(snapshot: $0, limits: limits) }),
            let counts = snapshot["counts"].flatMap(HTTP2Counts.init), let reset = snapshot["reset"]?.array,
            let rules = snapshot["rules"].flatMap(HTTP2Rules.init), let hasPreface = snapshot["preface"]?.bool,
            let breaches = snapshot["breaches"]?.integer
        else { return nil }
        var conversation = Self(limits: limits, selection: .everything)
        conversation.counts = counts
        conversation.rules = rules
        conversation.hasPreface = hasPreface
        conversation.breaches = Int(clamping: breaches)
        conversation.reset = reset.suffix(resetsRemembered).compactMap { $0.unsigned.flatMap(UInt32.init(exactly:)) }
        return (decoder, conversation)
    }
}

extension HTTP2Message {
    fileprivate var isSettings: Bool {
        switch self {
        case .settings, .settingsAcknowledgement: true
        default: false
        }
    }
}

extension TimelineEvent {
    fileprivate mutating func setHTTP2Range(_ range: Range<UInt64>, _ direction: Direction) {
        if direction == .clientToServer { request = range } else { response = range }
    }
}
