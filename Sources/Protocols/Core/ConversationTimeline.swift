/// The timeline of a protocol whose messages all belong to one conversation.
public struct ConversationTimeline<Talk: Conversation>: TimelineBuilder {
    private var session: WireSession<Talk.Decoder>
    private var conversation: Talk
    private let limits: WireLimits
    /// When the first byte came that each direction's session still holds.
    private var pendingSince: [2 of Timestamp?] = [nil, nil]
    private var hasFailed = false

    public init(limits: WireLimits) {
        self.limits = limits
        session = WireSession(Talk.Decoder(limits: limits), limits: limits)
        conversation = Talk(limits: limits)
    }

    public mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed, bytes.count > 0 else { return }
        let client = pending(.clientToServer)
        let server = pending(.serverToClient)
        var talk = exchange(&conversation, with: Talk(limits: limits))
        do throws(WireFault) {
            try session.feed(bytes, direction) { event, direction, offset, content in
                let pending = direction == .clientToServer ? client : server
                let start = offset < pending.end ? pending.time ?? time : time
                talk.take(event, direction, offset, content, start: start, at: time)
            }
        } catch {
            hasFailed = true
            talk.abandon(at: time)
            talk.events.add(TimelineEvent(error, stream: stream, at: time))
        }
        conversation = talk
        remember(.clientToServer, client, at: time)
        remember(.serverToClient, server, at: time)
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        guard !hasFailed else { return }
        let offset = session.offset(direction) + UInt64(session.pending(direction))
        do throws(WireFault) {
            try session.gap(length, direction)
            conversation.gap(length, direction, offset: offset, at: time)
            pendingSince[slot(direction)] = nil
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

    /// `nil` within a message or while something is under way, and after a fault.
    public func snapshot() -> [UInt8]? {
        guard !hasFailed, session.pending(.clientToServer) == 0, session.pending(.serverToClient) == 0,
            let state = conversation.snapshot(session.decoder)
        else { return nil }
        return JSON.object(["v": 1, "state": state]).encoded()
    }

    public init?(snapshot: Span<UInt8>, offsets: StreamOffsets, limits: WireLimits) {
        guard let whole = try? JSON.parse(snapshot, values: 10_000_000), whole["v"] == 1, let state = whole["state"],
            let (decoder, conversation) = Talk.resume(state, limits: limits)
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

    private func pending(_ direction: Direction) -> Pending {
        Pending(
            end: session.offset(direction) + UInt64(session.pending(direction)), time: pendingSince[slot(direction)])
    }

    /// Bytes that wait for more began now, unless they had begun before.
    private mutating func remember(_ direction: Direction, _ before: Pending, at time: Timestamp) {
        if session.pending(direction) == 0 {
            pendingSince[slot(direction)] = nil
        } else if session.offset(direction) >= before.end || before.time == nil {
            pendingSince[slot(direction)] = time
        }
    }

    private func slot(_ direction: Direction) -> Int { direction == .clientToServer ? 0 : 1 }
}
