public import Protocols

/// One connection's proxy, without its sockets: bytes in, actions out.
///
/// Messages that are forwarded unchanged are merged into runs, so that a read full of them is one record and one
/// write. A lane whose question is open consumes nothing until it is answered; the other lane goes on.
public struct ProxyCore<Decoder: WireDecoder, Policy: Interceptor<Decoder.Message>>: Sendable {
    /// A message that waits for an answer, at the start of its lane's window.
    private struct Parked: Sendable {
        var question: Question
        var length: Int
        var answer: Verdict?
    }

    private struct Lane: Sendable {
        var parked: Parked?
        /// The body that follows a head which was not forwarded stops here with it.
        var withholdsBody = false
        var isInBody = false
        /// Bytes consumed before the window: faults are told by their place in the stream.
        var base: UInt64 = 0
    }

    public private(set) var policy: Policy
    private var decoder: Decoder
    private var lanes: [2 of Lane] = [Lane(), Lane()]
    private var isOpaque = false
    private var hasEnded = false

    public init(_ decoder: Decoder, _ policy: Policy) {
        self.decoder = decoder
        self.policy = policy
    }

    /// Reads what it can of `window`, which starts at the lane's first unconsumed byte, and appends to `actions` what
    /// is to be done. Returns how many bytes were consumed; the caller keeps the rest and offers it again with more.
    public mutating func received(
        _ window: Span<UInt8>, _ direction: Direction, into actions: inout [ProxyAction]
    ) -> Int {
        var reading = Reading(lane: direction == .clientToServer ? 0 : 1, direction: direction)
        if lanes[reading.lane].parked != nil { unpark(&reading, into: &actions) }
        while reading.goesOn, !hasEnded, reading.head < window.count {
            if isOpaque {
                reading.head = window.count
            } else {
                step(window, &reading, into: &actions)
            }
        }
        reading.flush(into: &actions)
        lanes[reading.lane].base += UInt64(reading.head)
        return reading.head
    }

    /// The verdict on a question, whichever lane it parks; false when that question is not open.
    public mutating func answer(_ question: UInt64, with verdict: Verdict) -> Bool {
        for lane in lanes.indices where lanes[lane].parked?.question.id == question {
            lanes[lane].parked?.answer = verdict
            return true
        }
        return false
    }

    /// The question that a lane waits for.
    public func openQuestion(_ direction: Direction) -> Question? {
        lanes[direction == .clientToServer ? 0 : 1].parked?.question
    }

    /// Ends the connection from our side, with words to the client where the client can still read any: not in the
    /// middle of a message that was being passed on.
    public mutating func end(_ cause: FarewellCause, into actions: inout [ProxyAction]) {
        guard !hasEnded else { return }
        hasEnded = true
        let canSpeak = !isOpaque && !(lanes[1].isInBody && !lanes[1].withholdsBody)
        let farewell = canSpeak ? policy.farewell(cause) : []
        if !farewell.isEmpty { actions.append(.reply(.client, farewell)) }
        actions.append(.end(cause.reason))
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
        switch found {
        case .message(let message, let length):
            let range = reading.head..<(reading.head + length)
            let verdict = policy.judge(message, window.extracting(range), reading.direction, isWhole: true)
            carryOut(verdict, length, &reading, into: &actions)
        case .head(let message, let length, _):
            let range = reading.head..<(reading.head + length)
            let verdict = policy.judge(message, window.extracting(range), reading.direction, isWhole: false)
            lanes[reading.lane].withholdsBody = !verdict.letsBodyPass
            lanes[reading.lane].isInBody = true
            carryOut(verdict, length, &reading, into: &actions)
        case .body(let length, let isLast):
            lanes[reading.lane].isInBody = !isLast
            passBody(length, &reading, into: &actions)
        case .needMore, .awaitOther:
            reading.goesOn = false
        case .become:
            becomeOpaque(.unsupported, &reading, into: &actions)
        case .opaque(let reason):
            becomeOpaque(reason, &reading, into: &actions)
        }
    }

    private mutating func passBody(_ length: Int, _ reading: inout Reading, into actions: inout [ProxyAction]) {
        guard lanes[reading.lane].withholdsBody else {
            reading.head += length
            return
        }
        reading.flush(into: &actions)
        actions.append(.withhold(reading.take(length), secrets: [], reason: "belongs to a withheld message"))
    }

    private mutating func carryOut(
        _ verdict: Verdict, _ length: Int, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        if case .forward = verdict {
            reading.head += length
            return
        }
        reading.flush(into: &actions)
        let sender = reading.direction.sender
        switch verdict {
        case .forward:
            break
        case .forwardRedacted(let secrets, let reason):
            let base = reading.head
            let range = reading.take(length)
            let moved = secrets.map { ($0.lowerBound + base)..<($0.upperBound + base) }
            actions.append(.forwardRedacted(range, secrets: moved, reason: reason))
        case .replace(let new):
            let base = reading.head
            let range = reading.take(length)
            let moved = new.originalSecrets.map { ($0.lowerBound + base)..<($0.upperBound + base) }
            actions.append(
                .replace(range, secrets: moved, by: new.bytes, secretsOfNew: new.secrets, reason: new.reason))
        case .refuse(let reply):
            actions.append(.refused(reading.take(length), rule: reply.rule))
            actions.append(.reply(sender, reply.bytes))
        case .swallow(let reason):
            actions.append(.withhold(reading.take(length), secrets: [], reason: reason))
        case .ask(let question):
            lanes[reading.lane].parked = Parked(question: question, length: length)
            actions.append(.ask(question))
            reading.goesOn = false
        case .end(let farewell, let reason):
            actions.append(.withhold(reading.take(length), secrets: [], reason: reason))
            if !farewell.isEmpty { actions.append(.reply(.client, farewell)) }
            hasEnded = true
            actions.append(.end(reason))
        }
    }

    private mutating func unpark(_ reading: inout Reading, into actions: inout [ProxyAction]) {
        guard let parked = lanes[reading.lane].parked, let answer = parked.answer else {
            reading.goesOn = false
            return
        }
        lanes[reading.lane].parked = nil
        carryOut(answer, parked.length, &reading, into: &actions)
    }

    private mutating func becomeOpaque(
        _ reason: OpaqueReason, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        isOpaque = true
        reading.flush(into: &actions)
        actions.append(.opaque(reason))
    }
}

/// How far one window has been read, and the run of bytes that go on as they came.
private struct Reading {
    let lane: Int
    let direction: Direction
    var head = 0
    var run = 0
    var goesOn = true

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
}

extension Verdict {
    fileprivate var letsBodyPass: Bool {
        switch self {
        case .forward, .forwardRedacted: true
        case .replace, .refuse, .ask, .swallow, .end: false
        }
    }
}
