/// What a session tells of a stream. Ranges inside messages count from the start of the bytes beside them.
public enum WireEvent<Message: Sendable>: Sendable {
    case message(Message)
    case head(Message, body: UInt64?)
    case body(isLast: Bool)
    case become(ProtocolID)
    case opaque(OpaqueReason)
}

/// Owns the bytes of one connection that are not yet consumed, and drives one decoder over both directions.
///
/// For readers of recordings and captures. The live gateway drives the decoder over its own buffers instead.
public struct WireSession<Decoder: WireDecoder>: Sendable {
    private struct Lane: Sendable {
        var bytes: [UInt8] = []
        /// The stream offset of the first byte in `bytes`.
        var base: UInt64 = 0
        var isOpaque = false
        /// No step is worth trying before this many bytes are there; spares rescans of a message that drips in.
        var wanted = 0
        /// The decoder will not read on before the other direction has been read further.
        var isParked = false
    }

    public private(set) var decoder: Decoder
    private let limits: WireLimits
    private var lanes: [2 of Lane] = [Lane(), Lane()]
    private var fault: WireFault?
    /// A gap since the last bytes, which may let a parked direction go on.
    private var hasGap = false

    /// - Parameter offsets: how much of both streams the decoder has consumed already.
    public init(_ decoder: consuming Decoder, offsets: StreamOffsets = StreamOffsets(), limits: WireLimits) {
        self.decoder = decoder
        self.limits = limits
        for direction in Direction.allCases { lanes[direction.slot].base = offsets[direction] }
    }

    /// Takes the next bytes of one direction. `emit` gets each event, its direction, the offset of its first byte in
    /// that direction's stream, and its bytes. A message may let the other direction go on, too.
    public mutating func feed(
        _ chunk: Span<UInt8>, _ direction: Direction,
        emit: (WireEvent<Decoder.Message>, Direction, _ offset: UInt64, _ bytes: Span<UInt8>) -> Void
    ) throws(WireFault) {
        if let fault { throw fault }
        if exchange(&hasGap, with: false) { try drive(from: direction.opposite, emit: emit) }
        let slot = direction.slot
        guard lanes[slot].bytes.isEmpty else {
            lanes[slot].bytes.append(chunk)
            return try drive(from: direction, emit: emit)
        }
        // Nothing waits: the chunk is read where it lies, and only what must wait is copied.
        let outcome = read(chunk, direction, emit: emit)
        let rest = chunk.extracting(outcome.consumed...)
        if rest.count > 0 { lanes[slot].bytes = [UInt8](copying: rest) }
        if let fault = outcome.fault { throw fault }
        try drive(from: direction.opposite, idle: outcome.consumed > 0 ? 0 : 1, emit: emit)
    }

    /// `length` bytes of the direction are missing after what was fed so far; 0: nobody knows how many. A direction that
    /// could not be read any further may be readable again behind it.
    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        if let fault { throw fault }
        do throws(WireFault) {
            try decoder.gap(length, direction)
            hasGap = true
            let lane = direction.slot
            lanes[lane].base += UInt64(lanes[lane].bytes.count) + length
            lanes[lane].bytes.removeAll()
            lanes[lane].wanted = 0
            lanes[lane].isOpaque = false
        } catch { throw fail(error) }
    }

    /// The stream offset of the first byte that no event has covered.
    public func offset(_ direction: Direction) -> UInt64 { lanes[direction.slot].base }

    /// Bytes that wait for more, or for the other direction.
    public func pending(_ direction: Direction) -> Int { lanes[direction.slot].bytes.count }

    /// What waits in both directions.
    public var heldCount: Int { lanes[0].bytes.count + lanes[1].bytes.count }

    private mutating func fail(_ error: WireFault) -> WireFault {
        let rebased = error.rebased(by: lanes[error.direction.slot].base)
        fault = rebased
        return rebased
    }

    /// Drives both lanes in turn until neither moves. `idle`: how many of the two have not moved since the other did.
    private mutating func drive(
        from first: Direction, idle before: Int = 0,
        emit: (WireEvent<Decoder.Message>, Direction, UInt64, Span<UInt8>) -> Void
    ) throws(WireFault) {
        var turn = first
        var idle = before
        while idle < 2 {
            idle = try drive(turn, emit: emit) ? 0 : idle + 1
            turn = turn.opposite
        }
    }

    /// Reads what waits in the lane: until it has nothing more to say, or has let a parked other lane go on, which is then
    /// driven first; so events come in an order that does not depend on how the bytes were cut. True when anything was consumed.
    private mutating func drive(
        _ direction: Direction,
        emit: (WireEvent<Decoder.Message>, Direction, UInt64, Span<UInt8>) -> Void
    ) throws(WireFault) -> Bool {
        let slot = direction.slot
        guard !lanes[slot].bytes.isEmpty, lanes[slot].bytes.count >= lanes[slot].wanted else { return false }
        var bytes = exchange(&lanes[slot].bytes, with: [])
        let outcome = read(bytes.span, direction, emit: emit)
        bytes.removeSubrange(0..<outcome.consumed)
        lanes[slot].bytes = bytes
        if let fault = outcome.fault { throw fault }
        return outcome.consumed > 0
    }

    private mutating func read(
        _ window: Span<UInt8>, _ direction: Direction,
        emit: (WireEvent<Decoder.Message>, Direction, UInt64, Span<UInt8>) -> Void
    ) -> (consumed: Int, fault: WireFault?) {
        let slot = direction.slot
        lanes[slot].wanted = 0
        lanes[slot].isParked = false
        let outcome = steps(window, direction, yields: lanes[1 - slot].isParked, emit: emit)
        lanes[slot].base += UInt64(outcome.consumed)
        if let error = outcome.fault { fault = error }
        return outcome
    }

    private mutating func steps(
        _ window: Span<UInt8>, _ direction: Direction, yields: Bool,
        emit: (WireEvent<Decoder.Message>, Direction, UInt64, Span<UInt8>) -> Void
    ) -> (consumed: Int, fault: WireFault?) {
        let lane = direction.slot
        let base = lanes[lane].base
        var head = 0
        while head < window.count, head == 0 || !yields {
            let rest = window.extracting(head...)
            let offset = base + UInt64(head)
            if lanes[lane].isOpaque {
                emit(.body(isLast: false), direction, offset, rest)
                return (window.count, nil)
            }
            let step: Step<Decoder.Message>
            do throws(WireFault) { step = try decoder.step(rest, direction) } catch {
                return (head, error.rebased(by: offset))
            }
            switch consume step {
            case .message(let message, let length):
                emit(.message(consume message), direction, offset, rest.extracting(0..<length))
                head += length
            case .head(let message, let length, let body):
                emit(.head(consume message, body: body), direction, offset, rest.extracting(0..<length))
                head += length
            case .body(let length, let isLast):
                emit(.body(isLast: isLast), direction, offset, rest.extracting(0..<length))
                head += length
            case .needMore(let count):
                lanes[lane].wanted = count
                return (head, nil)
            case .awaitOther:
                lanes[lane].isParked = true
                guard rest.count > limits.parkedBytes else { return (head, nil) }
                let reason: StaticString = "too much is parked for the other direction"
                return (head, WireFault(.limitExceeded, reason, direction).rebased(by: offset))
            case .become(let next):
                emit(.become(next), direction, offset, rest.extracting(0..<0))
                lanes[lane].isOpaque = true
            case .opaque(let reason):
                emit(.opaque(reason), direction, offset, rest.extracting(0..<0))
                lanes[lane].isOpaque = true
            }
        }
        return (head, nil)
    }
}
