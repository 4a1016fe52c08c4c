/// The timeline of a protocol whose messages all belong to one conversation.
public struct ConversationTimeline<Talk: Conversation>: TimelineBuilder {
    private var session: TimedSession<Talk.Decoder>
    private var conversation: Talk
    private let limits: WireLimits
    private var hasFailed = false

    public init(limits: WireLimits, selection: EventSelection) {
        let conversation = Talk(limits: limits, selection: selection)
        self.init(Talk.Decoder(limits: limits), conversation, offsets: StreamOffsets(), limits: limits)
    }

    /// - Parameter offsets: how much of both streams lies before what the decoder is to read.
    init(
        _ decoder: consuming Talk.Decoder, _ conversation: consuming Talk, offsets: StreamOffsets, limits: WireLimits
    ) {
        self.limits = limits
        self.conversation = conversation
        session = TimedSession(decoder, offsets: offsets, limits: limits)
    }

    public mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed, bytes.count > 0 else { return }
        do throws(WireFault) {
            try Talk.read(bytes, direction, at: time, &session, &conversation)
        } catch {
            hasFailed = true
            conversation.abandon(at: time)
            conversation.events.add(TimelineEvent(error, stream: stream, at: time))
        }
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed else { return }
        let offset = session.end(direction)
        do throws(WireFault) {
            try session.gap(length, direction)
            conversation.gap(length, direction, offset: offset, at: time)
        } catch {
            hasFailed = true
            conversation.events.add(TimelineEvent(error, stream: stream, at: time))
        }
    }

    public mutating func identity(_ identity: Identity, at time: Timestamp) {
        conversation.events.add(TimelineEvent(identity, at: time))
    }

    public mutating func annotation(_ annotation: Annotation, at time: Timestamp) {
        conversation.events.add(TimelineEvent(annotation, at: time))
    }

    public mutating func finish(at time: Timestamp) { conversation.finish(at: time) }

    public var heldCount: Int { Talk.heldCount(session, conversation) }

    public mutating func drain() -> [TimelineEvent] { conversation.events.drain() }

    /// `nil` within a message or while something is under way, and after a fault.
    public func snapshot() -> [UInt8]? {
        guard !hasFailed, session.isBetweenMessages, let state = conversation.snapshot(session.decoder)
        else { return nil }
        return JSON.object(["v": 1, "state": state]).encoded()
    }

    public init?(snapshot: Span<UInt8>, offsets: StreamOffsets, limits: WireLimits) {
        guard let whole = try? JSON.parse(snapshot, values: 10_000_000), whole["v"] == 1, let state = whole["state"],
            let (decoder, conversation) = Talk.resume(state, limits: limits)
        else { return nil }
        self.init(decoder, conversation, offsets: offsets, limits: limits)
    }
}
