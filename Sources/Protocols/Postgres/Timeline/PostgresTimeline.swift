/// The timeline of a PostgreSQL connection: one event per statement, COPY, function call, cancel, notification and login.
///
/// Statements of one simple query are events of their own, and so is each Execute. An event is told once the batch that it
/// belongs to has ended, because only ReadyForQuery tells what became of the transaction.
public struct PostgresTimeline: TimelineBuilder {
    private let limits: WireLimits
    private var session: TimedSession<PostgresDecoder>
    private var conversation: PostgresConversation
    /// The direction lost its footing in a hole; where the next record begins it may find it again.
    private var isLost: [2 of Bool] = [false, false]
    /// It has been told that the direction cannot be read; that it still cannot is not told again.
    private var isOpaque: [2 of Bool] = [false, false]
    private var hasFailed = false

    public init(limits: WireLimits, selection: EventSelection) {
        self.limits = limits
        session = TimedSession(PostgresDecoder(limits: limits), limits: limits)
        conversation = PostgresConversation(limits: limits, selection: selection)
    }

    public mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed, bytes.count > 0 else { return }
        if exchange(&isLost[direction.slot], with: false) { try? session.gap(0, direction) }
        var lost: Direction?
        do throws(WireFault) {
            try Self.read(bytes, direction, at: time, &session, &conversation, &isOpaque, &lost)
        } catch {
            hasFailed = true
            conversation.abandon(at: time)
            conversation.events.add(TimelineEvent(error, stream: stream, at: time))
        }
        if let lost { isLost[lost.slot] = true }
    }

    /// Apart from `self`, so that the session may tell the conversation while both stay where they are.
    private static func read(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp,
        _ session: inout TimedSession<PostgresDecoder>,
        _ conversation: inout PostgresConversation, _ isOpaque: inout [2 of Bool], _ lost: inout Direction?
    ) throws(WireFault) {
        let starts = session.starts(at: time)
        try session.feed(bytes, direction, starts) { event, direction, offset, content in
            let slot = direction.slot
            if case .opaque(.unsupported) = event { lost = direction }
            switch event {
            case .opaque: if exchange(&isOpaque[slot], with: true) { return }
            case .message, .head: isOpaque[slot] = false
            case .body, .become: break
            }
            conversation.take(event, direction, offset, content, start: starts[direction, offset], at: time)
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

    public var heldCount: Int {
        session.heldCount + conversation.statements.cost + conversation.portals.cost
    }

    public mutating func drain() -> [TimelineEvent] { conversation.events.drain() }

    /// `nil` within a message, a request or a batch, after a fault, and where a direction cannot be read.
    public func snapshot() -> [UInt8]? {
        guard !hasFailed, session.isBetweenMessages,
            !isLost[0], !isLost[1], !isOpaque[0], !isOpaque[1], let decoder = session.decoder.snapshot(),
            let state = conversation.snapshot()
        else { return nil }
        return JSON.object(["v": 1, "decoder": .bytes(decoder), "conversation": state]).encoded()
    }

    public init?(snapshot: Span<UInt8>, offsets: StreamOffsets, limits: WireLimits) {
        guard let state = try? JSON.parse(snapshot, values: 10_000_000), state["v"] == 1,
            let bytes = state["decoder"]?.bytes,
            let decoder = PostgresDecoder(snapshot: bytes.span, limits: limits),
            let conversation = PostgresConversation(snapshot: state["conversation"] ?? .null, limits: limits)
        else { return nil }
        self.limits = limits
        self.conversation = conversation
        session = TimedSession(decoder, offsets: offsets, limits: limits)
    }
}
