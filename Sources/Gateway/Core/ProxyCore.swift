public import Protocols

/// One connection's proxy, without its sockets: bytes in, actions out.
///
/// Messages that are forwarded unchanged are merged into runs, so that a read full of them is one record and one
/// write. A lane that waits for an answer consumes nothing until it comes; the other lane goes on.
/// The decoder sees the client leg: what the gateway itself says to the client passes through it, too.
public struct ProxyCore<Decoder: WireDecoder, Policy: Interceptor<Decoder.Message>>: Sendable {
    public internal(set) var policy: Policy
    var decoder: Decoder
    /// Of clientToServer, and of serverToClient.
    var lanes: [2 of ProxyLane] = [ProxyLane(), ProxyLane()]
    /// The message that waits in each lane that says so.
    var parked: [2 of Parked?] = [nil, nil]
    /// Words to the client that wait for the end of a message which is being passed on to it.
    var deferred: [UInt8] = []
    /// The beginning of an answer that the client has, and the decoder has not: what the upstream answers may stand for all of
    /// it.
    var opened: [UInt8] = []
    private var isOpaque = false
    var hasEnded = false
    var isReaching = false
    var isIdentifying = false
    /// What an upstream is told as soon as it is reached.
    var resending: (bytes: [UInt8], secrets: [Range<Int>])?

    /// - Parameter offsets: how much of both streams has crossed already, and the decoder has read.
    public init(_ decoder: Decoder, _ policy: Policy, offsets: StreamOffsets = StreamOffsets()) {
        self.decoder = decoder
        self.policy = policy
        lanes[0].base = offsets.clientToServer
        lanes[1].base = offsets.serverToClient
    }

    /// Reads what it can of `window`, which starts at the lane's first unconsumed byte, and appends to `actions` what
    /// is to be done. Returns how many bytes were consumed; the caller keeps the rest and offers it again with more.
    public mutating func received(
        _ window: Span<UInt8>, _ direction: Direction, into actions: inout [ProxyAction]
    ) -> Int {
        var reading = Reading(lane: direction.slot, direction: direction)
        lanes[reading.lane].awaitsOther = false
        if lanes[reading.lane].parking != .none { unpark(window, &reading, into: &actions) }
        while reading.goesOn, !hasEnded, !policy.isOver, reading.head < window.count {
            if isOpaque {
                reading.head = window.count
            } else {
                step(window, &reading, into: &actions)
            }
        }
        reading.flush(into: &actions)
        lanes[reading.lane].base += UInt64(reading.head)
        if policy.isOver { finish(into: &actions) }
        if reading.isWantedAgain {
            actions.append(.offerAgain(direction))
        } else if reading.head > 0, lanes[1 - reading.lane].awaitsOther {
            actions.append(.offerAgain(direction.opposite))
        }
        return reading.head
    }

    /// Ends the connection from our side, with words to the client where the client can still read any: not in the
    /// middle of a message that was being passed on.
    public mutating func end(_ cause: FarewellCause, into actions: inout [ProxyAction]) {
        guard !hasEnded else { return }
        hasEnded = true
        if !isOpaque, !isPassingBodyToClient { say(policy.farewell(cause), to: .client, into: &actions) }
        actions.append(.end(cause.reason))
    }

    private mutating func finish(into actions: inout [ProxyAction]) {
        guard !hasEnded else { return }
        hasEnded = true
        actions.append(.end(policy.announcedEnd ?? "everything has been said"))
    }

    private mutating func step(_ window: Span<UInt8>, _ reading: inout Reading, into actions: inout [ProxyAction]) {
        let found: Step<Decoder.Message>
        do throws(WireFault) {
            found = try decoder.step(window.extracting(reading.head...), reading.direction)
        } catch {
            reading.flush(into: &actions)
            let offset = lanes[reading.lane].base + UInt64(reading.head)
            return end(.fault(error.rebased(by: offset)), into: &actions)
        }
        if reading.direction == .serverToClient, !opened.isEmpty, found.length != nil { opened = [] }
        switch consume found {
        case .message(let message, let length):
            let range = reading.head..<(reading.head + length)
            let verdict = policy.judge(message, window.extracting(range), reading.direction, isWhole: true)
            carryOut(verdict, Parked(message, length, isWhole: true), &reading, into: &actions)
        case .head(let message, let length, _):
            let range = reading.head..<(reading.head + length)
            let verdict = policy.judge(message, window.extracting(range), reading.direction, isWhole: false)
            lanes[reading.lane].isInBody = true
            carryOut(verdict, Parked(message, length, isWhole: false), &reading, into: &actions)
        case .body(let length, let isLast):
            passBody(window.extracting(reading.head..<(reading.head + length)), isLast, &reading, into: &actions)
        case .needMore:
            reading.goesOn = false
        case .awaitOther:
            reading.goesOn = false
            lanes[reading.lane].awaitsOther = true
        case .become:
            becomeOpaque(.unsupported, &reading, into: &actions)
        case .opaque(let reason):
            becomeOpaque(reason, &reading, into: &actions)
        }
    }

    private mutating func passBody(
        _ piece: Span<UInt8>, _ isLast: Bool, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        lanes[reading.lane].isInBody = !isLast
        if lanes[reading.lane].withholdsBody {
            reading.flush(into: &actions)
            let range = reading.take(piece.count)
            actions.append(.withhold(range, secrets: [], reason: "belongs to a withheld message"))
        } else if let new = policy.replacement(ofBody: piece, reading.direction) {
            reading.flush(into: &actions)
            let range = reading.take(piece.count)
            actions.append(.replace(range, secrets: [], by: new.bytes, secretsOfNew: [], reason: new.reason))
        } else if let secret = policy.secret(inBody: piece, reading.direction) {
            let place = (secret.range.lowerBound + reading.head)..<(secret.range.upperBound + reading.head)
            reading.flush(into: &actions)
            actions.append(.forwardRedacted(reading.take(piece.count), secrets: [place], reason: secret.reason))
        } else {
            reading.head += piece.count
        }
        if isLast { policy.bodyEnded(reading.direction) }
        if isLast, reading.direction == .serverToClient, !deferred.isEmpty {
            reading.flush(into: &actions)
            say(exchange(&deferred, with: []), to: .client, into: &actions)
        }
    }

    /// Words from elsewhere for the client, in the middle of what it reads: the upstream's side of that knows nothing of them.
    public mutating func insert(_ words: [UInt8], into actions: inout [ProxyAction]) {
        let framed = policy.framed(words)
        if !hasEnded, !framed.isEmpty { actions.append(.reply(.client, framed)) }
    }

    var isPassingBodyToClient: Bool { lanes[1].isInBody && !lanes[1].withholdsBody }

    /// Replies to the client pass through the decoder, so that it stays in step with what the client has read.
    mutating func say(_ bytes: [UInt8], to side: Side, into actions: inout [ProxyAction]) {
        guard !bytes.isEmpty else { return }
        if side == .client {
            guard !isPassingBodyToClient else {
                deferred += bytes
                return
            }
            read(exchange(&opened, with: []) + bytes)
        }
        actions.append(.reply(side, bytes))
    }

    private mutating func read(_ words: [UInt8]) {
        var head = 0
        while head < words.count,
            let length = (try? decoder.step(words.span.extracting(head...), .serverToClient))?.length
        {
            head += length
        }
    }

    private mutating func becomeOpaque(
        _ reason: OpaqueReason, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        reading.flush(into: &actions)
        guard policy.passesOpaque(reason) else { return end(.unreadable(reason), into: &actions) }
        isOpaque = true
        actions.append(.opaque(reason))
    }
}

/// Where one direction of a connection stands. Of trivial values, since it is read several times for each message.
struct ProxyLane: Sendable {
    enum Parking: Sendable {
        case none
        /// A message waits at the start of the window for its own content.
        case gathering
        /// It waits for something else.
        case waiting
    }

    var parking = Parking.none
    /// The body that follows a head which was not forwarded stops here with it.
    var withholdsBody = false
    var isInBody = false
    /// What stands there cannot be read before the other direction has gone on.
    var awaitsOther = false
    /// Bytes consumed before the window: faults are told by their place in the stream.
    var base: UInt64 = 0

    /// Nothing more of the direction is wanted for now: what stands there has to wait.
    var isWaiting: Bool { parking == .waiting || parking == .none && awaitsOther }
}

/// How far one window has been read, and the run of bytes that go on as they came.
struct Reading {
    let lane: Int
    let direction: Direction
    var head = 0
    var run = 0
    var goesOn = true
    var isWantedAgain = false

    mutating func flush(into actions: inout [ProxyAction]) {
        if run < head { actions.append(.forward(run..<head)) }
        run = head
    }

    /// Consumes bytes that are not part of a run.
    mutating func take(_ length: Int) -> Range<Int> {
        let range = head..<(head + length)
        head += length
        run = head
        return range
    }

    /// As ``take(_:)``; with it, ranges within them, counted from the window's start.
    mutating func take(_ length: Int, _ parts: [Range<Int>]) -> (whole: Range<Int>, parts: [Range<Int>]) {
        let range = take(length)
        return (range, parts.map { ($0.lowerBound + range.lowerBound)..<($0.upperBound + range.lowerBound) })
    }
}
