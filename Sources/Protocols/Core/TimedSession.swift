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

    /// Takes the next bytes of one direction, which came at `time`. `emit` gets each event, its direction, the offset of its first
    /// byte in that direction's stream, its bytes, and when it began.
    public mutating func feed(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp,
        emit: (WireEvent<Decoder.Message>, Direction, _ offset: UInt64, _ bytes: Span<UInt8>, _ start: Timestamp) ->
            Void
    ) throws(WireFault) {
        let client = held(.clientToServer)
        let server = held(.serverToClient)
        try session.feed(bytes, direction) { event, direction, offset, content in
            let held = direction == .clientToServer ? client : server
            emit(event, direction, offset, content, offset < held.end ? held.since ?? time : time)
        }
        remember(.clientToServer, client, at: time)
        remember(.serverToClient, server, at: time)
    }

    /// `length` bytes of the direction are missing; 0: nobody knows how many.
    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        try session.gap(length, direction)
        pendingSince[direction.slot] = nil
    }

    // MARK: Times

    /// What came before.
    private struct Held {
        var end: UInt64
        var since: Timestamp?
    }

    private func held(_ direction: Direction) -> Held {
        Held(end: end(direction), since: pendingSince[direction.slot])
    }

    /// Bytes that wait for more began now, unless they had begun before.
    private mutating func remember(_ direction: Direction, _ before: Held, at time: Timestamp) {
        if session.pending(direction) == 0 {
            pendingSince[direction.slot] = nil
        } else if session.offset(direction) >= before.end || before.since == nil {
            pendingSince[direction.slot] = time
        }
    }
}
