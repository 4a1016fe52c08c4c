public import Protocols

/// One connection's proxy, without its sockets: bytes in, actions out.
///
/// Messages that are forwarded unchanged are merged into runs, so that a read full of them is one record and one
/// write. A lane that waits for an answer consumes nothing until it comes; the other lane goes on.
/// The decoder sees the client leg: what the gateway itself says to the client passes through it, too.
public struct ProxyCore<Decoder: WireDecoder, Policy: Interceptor<Decoder.Message>>: Sendable {
    /// A message that waits, at the start of its lane's window.
    private struct Parked: Sendable {
        enum Cause: Sendable {
            case question(AskedOfPeople)
            case upstream
        }

        var message: Decoder.Message
        var isWhole: Bool
        var length: Int
        var cause: Cause
    }

    private struct Lane: Sendable {
        var parked: Parked?
        /// The body that follows a head which was not forwarded stops here with it.
        var withholdsBody = false
        var isInBody = false
        /// What stands there cannot be read before the other direction has gone on.
        var awaitsOther = false
        /// Bytes consumed before the window: faults are told by their place in the stream.
        var base: UInt64 = 0
    }

    public private(set) var policy: Policy
    private var decoder: Decoder
    private var lanes: [2 of Lane] = [Lane(), Lane()]
    /// Words to the client that wait for the end of a message which is being passed on to it.
    private var deferred: [UInt8] = []
    private var isOpaque = false
    private var hasEnded = false
    private var isReaching = false
    /// What an upstream is told as soon as it is reached.
    private var resending: (bytes: [UInt8], secrets: [Range<Int>])?

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
        var reading = Reading(lane: direction == .clientToServer ? 0 : 1, direction: direction)
        lanes[reading.lane].awaitsOther = false
        if lanes[reading.lane].parked != nil { unpark(window, &reading, into: &actions) }
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
        if reading.head > 0, lanes[1 - reading.lane].awaitsOther {
            actions.append(.offerAgain(direction.opposite))
        }
        return reading.head
    }

    /// A question has been put to those who can answer it: whoever waits is told its number.
    public mutating func asked(_ question: Question, number: UInt64, into actions: inout [ProxyAction]) {
        for lane in lanes.indices {
            guard case .question(var asked) = lanes[lane].parked?.cause, asked.question.id == question.id else {
                continue
            }
            asked.number = number
            lanes[lane].parked?.cause = .question(asked)
        }
        say(policy.notice(of: question, number: number), to: .client, into: &actions)
    }

    /// Settles a question, whichever lane it parks; false when that question is not open. The lane goes on when its bytes
    /// are offered again.
    public mutating func settle(_ question: UInt64, _ answer: Answer) -> Bool {
        for lane in lanes.indices {
            guard case .question(var asked) = lanes[lane].parked?.cause, asked.question.id == question,
                asked.answer == nil
            else { continue }
            asked.answer = policy.settle(asked.question, answer)
            asked.settlement = "question\(asked.number.map { " \($0)" } ?? "") \(answer)"
            lanes[lane].parked?.cause = .question(asked)
            return true
        }
        return false
    }

    /// The question that a lane waits for.
    public func openQuestion(_ direction: Direction) -> Question? {
        guard case .question(let asked) = lanes[direction == .clientToServer ? 0 : 1].parked?.cause else { return nil }
        return asked.question
    }

    /// Nothing more of the direction is wanted for now: what stands there has to wait.
    public func isWaiting(_ direction: Direction) -> Bool {
        let lane = direction == .clientToServer ? 0 : 1
        return lanes[lane].awaitsOther || lanes[lane].parked != nil
    }

    /// An upstream was found, or not, after ``ProxyAction/reach``. The upward lane is to be offered again.
    public mutating func reached(_ outcome: UpstreamReach, into actions: inout [ProxyAction]) {
        isReaching = false
        policy.reached(outcome)
        guard let words = exchange(&resending, with: nil) else { return }
        switch outcome {
        case .reached: actions.append(.reply(.server, words.bytes, secrets: words.secrets))
        case .failed: end(.upstreamGone, into: &actions)
        }
    }

    /// The client has said all it had to say.
    public mutating func clientEnded(into actions: inout [ProxyAction]) {
        guard !hasEnded, let reason = policy.clientEnded() else { return }
        hasEnded = true
        actions.append(.end(reason))
    }

    /// The upstream has left, with all it said taken in.
    public mutating func upstreamEnded(into actions: inout [ProxyAction]) {
        switch policy.upstreamEnded() {
        case .endsConnection:
            end(.upstreamGone, into: &actions)
        case .completes(let reason):
            hasEnded = true
            actions.append(.end(reason))
        case .leavesConnection:
            actions.append(.remark(.information, "the upstream closed its connection"))
        case .resend(let bytes, let secrets):
            actions.append(.remark(.information, "the upstream closed its connection unasked; another is reached"))
            resending = (bytes, secrets)
            reach(into: &actions)
        }
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
        switch found {
        case .message(let message, let length):
            let range = reading.head..<(reading.head + length)
            let verdict = policy.judge(message, window.extracting(range), reading.direction, isWhole: true)
            carryOut(verdict, message, length, isWhole: true, &reading, into: &actions)
        case .head(let message, let length, _):
            let range = reading.head..<(reading.head + length)
            let verdict = policy.judge(message, window.extracting(range), reading.direction, isWhole: false)
            lanes[reading.lane].isInBody = true
            carryOut(verdict, message, length, isWhole: false, &reading, into: &actions)
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

    private mutating func carryOut(
        _ verdict: Verdict, _ message: Decoder.Message, _ length: Int, isWhole: Bool, _ reading: inout Reading,
        into actions: inout [ProxyAction]
    ) {
        if !isWhole { lanes[reading.lane].withholdsBody = !verdict.letsBodyPass }
        if policy.hasFacts {
            reading.flush(into: &actions)
            policy.takeFacts(into: &actions)
        }
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
            let base = reading.head
            let moved = reply.originalSecrets.map { ($0.lowerBound + base)..<($0.upperBound + base) }
            let range = reading.take(length)
            actions.append(.refused(range, secrets: moved, rule: reply.rule, instead: reply.instead))
            say(reply.bytes, to: sender, into: &actions)
        case .answer(let words, let secrets, let reason):
            let base = reading.head
            let moved = secrets.map { ($0.lowerBound + base)..<($0.upperBound + base) }
            actions.append(.withhold(reading.take(length), secrets: moved, reason: reason))
            say(words, to: sender, into: &actions)
        case .swallow(let secrets, let reason):
            let base = reading.head
            let moved = secrets.map { ($0.lowerBound + base)..<($0.upperBound + base) }
            actions.append(.withhold(reading.take(length), secrets: moved, reason: reason))
        case .ask(let question):
            let asked = AskedOfPeople(question: question)
            park(Parked(message: message, isWhole: isWhole, length: length, cause: .question(asked)), &reading)
            actions.append(.ask(question))
        case .reach:
            park(Parked(message: message, isWhole: isWhole, length: length, cause: .upstream), &reading)
            reach(into: &actions)
        case .end(let farewell, let reason):
            actions.append(.withhold(reading.take(length), secrets: [], reason: reason))
            say(farewell, to: .client, into: &actions)
            hasEnded = true
            actions.append(.end(reason))
        }
    }

    private var isPassingBodyToClient: Bool { lanes[1].isInBody && !lanes[1].withholdsBody }

    private mutating func park(_ parked: Parked, _ reading: inout Reading) {
        lanes[reading.lane].parked = parked
        reading.goesOn = false
    }

    private mutating func reach(into actions: inout [ProxyAction]) {
        if !isReaching { actions.append(.reach) }
        isReaching = true
    }

    /// Replies to the client pass through the decoder, so that it stays in step with what the client has read.
    private mutating func say(_ bytes: [UInt8], to side: Side, into actions: inout [ProxyAction]) {
        guard !bytes.isEmpty else { return }
        if side == .client {
            guard !isPassingBodyToClient else {
                deferred += bytes
                return
            }
            var head = 0
            while head < bytes.count,
                let length = (try? decoder.step(bytes.span.extracting(head...), .serverToClient))?.length
            {
                head += length
            }
        }
        actions.append(.reply(side, bytes))
    }

    private mutating func unpark(
        _ window: Span<UInt8>, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        guard let parked = lanes[reading.lane].parked else { return }
        let verdict: Verdict
        switch parked.cause {
        case .question(let asked):
            guard let answer = asked.answer else { return reading.goesOn = false }
            actions.append(.remark(.question, asked.settlement))
            verdict = answer
        case .upstream where isReaching:
            return reading.goesOn = false
        case .upstream:
            let bytes = window.extracting(0..<parked.length)
            verdict = policy.judge(parked.message, bytes, reading.direction, isWhole: parked.isWhole)
        }
        lanes[reading.lane].parked = nil
        carryOut(verdict, parked.message, parked.length, isWhole: parked.isWhole, &reading, into: &actions)
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

/// A question that a lane waits for.
private struct AskedOfPeople: Sendable {
    var question: Question
    var answer: Verdict?
    /// The number under which it was put.
    var number: UInt64?
    var settlement = ""
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
        case .replace(let new): new.keepsBody
        case .refuse, .answer, .ask, .reach, .swallow, .end: false
        }
    }
}

extension Step {
    /// How many bytes it consumes; `nil` when it consumes none.
    fileprivate var length: Int? {
        switch self {
        case .message(_, let length), .head(_, let length, _), .body(let length, _): length
        case .needMore, .awaitOther, .become, .opaque: nil
        }
    }
}
