/// A session that also tells when each event began: when the first byte of it came.
public struct TimedSession<Decoder: WireDecoder>: Sendable {
    private var session: WireSession<Decoder>
    /// When the first byte came that each direction's session still holds.
    private var pendingSince: [2 of Timestamp?] = [nil, nil]

    public init(_ decoder: consuming Decoder, offsets: StreamOffsets = StreamOffsets(), limits: WireLimits) {
        session = WireSession(decoder, offsets: offsets, limits: limits)
    }

    public var decoder: Decoder { session.decoder }

    /// No direction is within a message.
    var isBetweenMessages: Bool { Direction.allCases.allSatisfy { session.pending($0) == 0 } }

    /// Bytes that wait in both directions.
    public var heldCount: Int { session.heldCount }

    /// The stream offset behind all bytes that came.
    func end(_ direction: Direction) -> UInt64 { session.offset(direction) + UInt64(session.pending(direction)) }

    /// When the events began that bytes which come at `time` will end.
    public func starts(at time: Timestamp) -> EventStarts {
        EventStarts(client: held(.clientToServer), server: held(.serverToClient), time: time)
    }

    /// Takes the next bytes of one direction. `emit` gets each event, its direction, the offset of its first byte in that
    /// direction's stream, and its bytes.
    ///
    /// - Parameter starts: asked for just before. The caller has them, too, and asks them when an event began: told by `emit`,
    ///   that would be a closure around another, which costs a call per event.
    public mutating func feed(
        _ bytes: Span<UInt8>, _ direction: Direction, _ starts: EventStarts,
        emit: (WireEvent<Decoder.Message>, Direction, _ offset: UInt64, _ bytes: Span<UInt8>) -> Void
    ) throws(WireFault) {
        try session.feed(bytes, direction, emit: emit)
        remember(.clientToServer, starts.client, at: starts.time)
        remember(.serverToClient, starts.server, at: starts.time)
    }

    /// `length` bytes of the direction are missing; 0: nobody knows how many.
    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        try session.gap(length, direction)
        pendingSince[direction.slot] = nil
    }

    // MARK: Times

    private func held(_ direction: Direction) -> EventStarts.Held {
        EventStarts.Held(end: end(direction), since: pendingSince[direction.slot])
    }

    /// Bytes that wait for more began now, unless they had begun before.
    private mutating func remember(_ direction: Direction, _ before: EventStarts.Held, at time: Timestamp) {
        if session.pending(direction) == 0 {
            pendingSince[direction.slot] = nil
        } else if session.offset(direction) >= before.end || before.since == nil {
            pendingSince[direction.slot] = time
        }
    }
}

/// When each event began that the bytes of one moment end.
public struct EventStarts: Sendable {
    /// What a direction's session held before.
    fileprivate struct Held: Sendable {
        var end: UInt64
        var since: Timestamp?
    }

    fileprivate let client: Held
    fileprivate let server: Held
    fileprivate let time: Timestamp

    /// - Parameter offset: of the event's first byte in its direction's stream.
    public subscript(direction: Direction, offset: UInt64) -> Timestamp {
        let held = direction == .clientToServer ? client : server
        return offset < held.end ? held.since ?? time : time
    }
}
