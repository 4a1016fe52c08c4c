/// The bytes of one connection, read into a story.
struct HTTPConnection: Sendable {
    private var session: TimedSession<HTTPDecoder>
    private var conversation: HTTPConversation
    private var hasFailed = false
    /// It has been told that the direction cannot be read.
    private var isOpaque: [2 of Bool] = [false, false]

    init(number: UInt32, limits: WireLimits) {
        session = TimedSession(HTTPDecoder(limits: limits), limits: limits)
        conversation = HTTPConversation(connection: number)
    }

    mutating func data<Primitives>(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        guard !hasFailed, bytes.count > 0 else { return }
        do throws(WireFault) {
            try Self.read(bytes, direction, at: time, &session, &conversation, &isOpaque, &story)
        } catch {
            hasFailed = true
            conversation.abandon(at: time, &story)
            story.events.add(TimelineEvent(error, stream: conversation.connection, at: time))
        }
    }

    /// Apart from `self`, so that the session may tell the conversation while both stay where they are.
    private static func read<Primitives>(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, _ session: inout TimedSession<HTTPDecoder>,
        _ conversation: inout HTTPConversation, _ isOpaque: inout [2 of Bool], _ story: inout HTTPStory<Primitives>
    ) throws(WireFault) {
        let starts = session.starts(at: time)
        try session.feed(bytes, direction, starts) { event, direction, offset, content in
            let slot = direction.slot
            if case .opaque = event, exchange(&isOpaque[slot], with: true) { return }
            if isOpaque[slot], case .body = event { return }
            conversation.take(
                event, direction, offset, content, start: starts[direction, offset], at: time, &story)
        }
    }

    mutating func gap<Primitives>(
        _ length: UInt64, _ direction: Direction, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        guard !hasFailed else { return }
        let offset = session.end(direction)
        do throws(WireFault) {
            try session.gap(length, direction)
            isOpaque[direction.slot] = false
            guard conversation.http2 == nil else {
                return conversation.tell(&story) { $0.gap(length, direction, stream: 0, at: time) }
            }
            // The decoder says whether it still knows where it is.
            if session.decoder.isLost(direction) {
                conversation.abandon(at: time, &story)
            } else {
                conversation.skip(length, direction)
            }
            story.events.add(.gap(length, direction, stream: conversation.connection, offset: offset, at: time))
        } catch {
            hasFailed = true
            conversation.abandon(at: time, &story)
            story.events.add(TimelineEvent(error, stream: conversation.connection, at: time))
        }
    }

    /// What waits for more of its message, and the contents of what is being asked and answered.
    var heldCount: Int {
        session.heldCount + conversation.exchanges.heldCount + (conversation.http2?.heldCount ?? 0)
    }

    mutating func identity(_ identity: Identity) { conversation.caller = MCPText.bounded(identity.subject, limit: 200) }

    /// What a rule refused is told as refused. That a head is written anew for the other leg is the way of HTTP (RFC 9110 §7.6),
    /// and not told.
    mutating func annotation<Primitives>(
        _ annotation: Annotation, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        if annotation.kind == .refused, annotation.direction == .clientToServer {
            conversation.refuse(annotation.range, annotation.reason, &story)
        }
        if annotation.kind == .replaced, conversation.isHead(annotation.range, annotation.direction) { return }
        var event = TimelineEvent(annotation, at: time)
        event.stream = conversation.connection
        story.events.add(event)
    }

    mutating func finish<Primitives>(at time: Timestamp, _ story: inout HTTPStory<Primitives>) {
        conversation.abandon(at: time, &story)
    }

    // MARK: Snapshots

    /// `nil` within a message and an exchange, after a fault, and where a direction cannot be read.
    var snapshot: JSON? {
        guard !hasFailed, !isOpaque[0], !isOpaque[1], session.isBetweenMessages, conversation.isIdle,
            let decoder = session.decoder.snapshot()
        else { return nil }
        let caller = conversation.caller.map(JSON.string) ?? .null
        var members: [String: JSON] = [
            "decoder": .bytes(decoder), "caller": caller, "webSocket": .bool(conversation.webSocket != nil),
        ]
        if let http2 = conversation.http2 {
            guard let snapshot = http2.snapshot() else { return nil }
            members["http2"] = .bytes(snapshot)
        }
        return .object(members)
    }

    init?<Primitives: TimelinePrimitives>(
        number: UInt32, snapshot: JSON, offsets: StreamOffsets, limits: WireLimits, _ primitives: Primitives.Type
    ) {
        guard let bytes = snapshot["decoder"]?.bytes, let isWebSocket = snapshot["webSocket"]?.bool,
            let decoder = HTTPDecoder(snapshot: bytes.span, limits: limits)
        else { return nil }
        session = TimedSession(decoder, offsets: offsets, limits: limits)
        conversation = HTTPConversation(connection: number)
        conversation.caller = snapshot["caller"]?.string
        if isWebSocket { conversation.webSocket = HTTPWebSocket(connection: number) }
        guard let bytes = snapshot["http2"]?.bytes else { return }
        conversation.http2 = HTTP2Timeline<Primitives>(snapshot: bytes.span, offsets: offsets, limits: limits)
        if conversation.http2 == nil { return nil }
    }
}
