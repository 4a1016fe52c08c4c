/// The timeline of a PostgreSQL connection: one event per statement, COPY, function call, cancel, notification and login.
///
/// Statements of one simple query are events of their own, and so is each Execute. An event is told once the batch that it
/// belongs to has ended, because only ReadyForQuery tells what became of the transaction.
public struct PostgresTimeline: TimelineBuilder {
    private let limits: WireLimits
    private var session: WireSession<PostgresDecoder>
    private var conversation: PostgresConversation
    /// When the first byte came that each direction's session still holds.
    private var pendingSince: [2 of Timestamp?] = [nil, nil]
    /// The direction lost its footing in a hole; where the next record begins it may find it again.
    private var isLost: [2 of Bool] = [false, false]
    /// It has been told that the direction cannot be read; that it still cannot is not told again.
    private var isOpaque: [2 of Bool] = [false, false]
    private var hasFailed = false

    public init(limits: WireLimits) {
        self.limits = limits
        session = WireSession(PostgresDecoder(limits: limits), limits: limits)
        conversation = PostgresConversation(limits: limits)
    }

    public mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed, bytes.count > 0 else { return }
        if exchange(&isLost[index(direction)], with: false) { try? session.gap(0, direction) }
        let starts = [starts(.clientToServer), starts(.serverToClient)]
        var opaque = isOpaque
        var talk = exchange(&conversation, with: PostgresConversation(limits: limits))
        var lost: Direction?
        do throws(WireFault) {
            try session.feed(bytes, direction) { event, direction, offset, content in
                let slot = direction == .clientToServer ? 0 : 1
                let start = starts[slot]
                if case .opaque(.unsupported) = event { lost = direction }
                switch event {
                case .opaque: if exchange(&opaque[slot], with: true) { return }
                case .message, .head: opaque[slot] = false
                case .body, .become: break
                }
                talk.take(
                    event, direction, offset, content, start: offset < start.end ? start.time ?? time : time, at: time)
            }
        } catch {
            hasFailed = true
            talk.abandon(at: time)
            talk.events.add(TimelineEvent(error, stream: stream, at: time))
        }
        conversation = talk
        isOpaque = opaque
        if let lost { isLost[index(lost)] = true }
        remember(at: time, starts)
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed else { return }
        let offset = session.offset(direction) + UInt64(session.pending(direction))
        do throws(WireFault) {
            try session.gap(length, direction)
            conversation.gap(length, direction, offset: offset, at: time)
            pendingSince[index(direction)] = nil
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

    public mutating func drain() -> [TimelineEvent] { conversation.events.drain() }

    /// `nil` within a message, a request or a batch, after a fault, and where a direction cannot be read.
    public func snapshot() -> [UInt8]? {
        guard !hasFailed, session.pending(.clientToServer) == 0, session.pending(.serverToClient) == 0,
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
        session = WireSession(decoder, offsets: offsets, limits: limits)
    }

    // MARK: Times

    private struct Pending {
        /// The end of the bytes that came before.
        var end: UInt64
        var time: Timestamp?
    }

    private func starts(_ direction: Direction) -> Pending {
        Pending(
            end: session.offset(direction) + UInt64(session.pending(direction)), time: pendingSince[index(direction)])
    }

    /// Bytes that wait for more began now, unless they had begun before.
    private mutating func remember(at time: Timestamp, _ before: [Pending]) {
        for direction in Direction.allCases {
            let slot = index(direction)
            if session.pending(direction) == 0 {
                pendingSince[slot] = nil
            } else if session.offset(direction) >= before[slot].end || pendingSince[slot] == nil {
                pendingSince[slot] = time
            }
        }
    }

    private func index(_ direction: Direction) -> Int { direction == .clientToServer ? 0 : 1 }
}
