public import Protocols

// Messages that wait: for an answer, for who sends them, for their content, for an upstream. They stand at the start of their
// lane's window.

extension ProxyCore {
    /// A message that waits, at the start of its lane's window.
    struct Parked: Sendable {
        enum Cause: Sendable {
            case question(AskedOfPeople)
            case upstream
            case identity
            /// The content that belongs to it.
            case content(limit: Int)
        }

        var message: Decoder.Message
        var isWhole: Bool
        /// Of the head, or of all of it.
        var length: Int
        var cause: Cause
        var gathered: GatheredMessage?
        /// How much of the window the decoder has read.
        var scanned: Int

        init(_ message: Decoder.Message, _ length: Int, isWhole: Bool) {
            self.message = message
            self.isWhole = isWhole
            self.length = length
            cause = .upstream
            scanned = length
        }
    }
}

/// A question that a lane waits for.
struct AskedOfPeople: Sendable {
    var question: Question
    var answer: Verdict?
    /// The number under which it was put.
    var number: UInt64?
    var settlement = ""
}

// MARK: What is waited for

extension ProxyCore {
    /// A question has been put to those who can answer it: whoever waits is told its number.
    public mutating func asked(_ question: Question, number: UInt64, into actions: inout [ProxyAction]) {
        for lane in parked.indices {
            guard case .question(var asked) = parked[lane]?.cause, asked.question.id == question.id else { continue }
            asked.number = number
            parked[lane]?.cause = .question(asked)
        }
        let words = policy.notice(of: question, number: number)
        guard policy.noticesOpenAnswers, !words.isEmpty else { return say(words, to: .client, into: &actions) }
        if opened.isEmpty { opened = words }
        actions.append(.reply(.client, words))
    }

    /// Whoever waits for the question is told that it is still open; false where nothing more is to be said.
    public mutating func remind(into actions: inout [ProxyAction]) -> Bool {
        guard !hasEnded, parked.indices.contains(where: { isAsking($0) }) else { return false }
        guard let words = policy.reminder() else { return false }
        if !words.isEmpty { actions.append(.reply(.client, words)) }
        return true
    }

    private func isAsking(_ lane: Int) -> Bool {
        if case .question(let asked) = parked[lane]?.cause { asked.answer == nil } else { false }
    }

    /// Settles a question, whichever lane it parks; false when that question is not open. The lane goes on when its bytes
    /// are offered again.
    public mutating func settle(_ question: UInt64, _ answer: Answer) -> Bool {
        for lane in parked.indices {
            guard case .question(var asked) = parked[lane]?.cause, asked.question.id == question,
                asked.answer == nil
            else { continue }
            asked.answer = policy.settle(asked.question, answer)
            asked.settlement = "question\(asked.number.map { " \($0)" } ?? "") \(answer)"
            parked[lane]?.cause = .question(asked)
            return true
        }
        return false
    }

    /// The question that a lane waits for.
    public func openQuestion(_ direction: Direction) -> Question? {
        guard case .question(let asked) = parked[direction.slot]?.cause else { return nil }
        return asked.question
    }

    /// Nothing more of the direction is wanted for now: what stands there has to wait.
    public func isWaiting(_ direction: Direction) -> Bool { lanes[direction.slot].isWaiting }

    /// It is known whom a credential proves, or that it proves nobody. The upward lane is to be offered again.
    public mutating func identified(_ result: Result<Identity, IdentityRefusal>) {
        isIdentifying = false
        policy.identified(result)
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
}

// MARK: Waiting

extension ProxyCore {
    /// Lets a message wait for what its verdict wants.
    mutating func park(
        _ verdict: Verdict, _ judged: consuming Parked, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        switch verdict {
        case .ask(let question):
            judged.cause = .question(AskedOfPeople(question: question))
            actions.append(.ask(question))
        case .identify:
            judged.cause = .identity
            if !isIdentifying { actions.append(.identify) }
            isIdentifying = true
        case .gather(let limit, let words):
            judged.cause = .content(limit: limit)
            say(words, to: reading.direction.sender, into: &actions)
            // Its window begins with it from now on.
            reading.isWantedAgain = true
        default:
            judged.cause = .upstream
            reach(into: &actions)
        }
        wait(judged, &reading)
    }

    /// Looks whether what a message waits for is there, and judges it then.
    mutating func unpark(
        _ window: Span<UInt8>, _ reading: inout Reading, into actions: inout [ProxyAction]
    ) {
        lanes[reading.lane].parking = .none
        guard var parked = parked[reading.lane].take() else { return }
        let verdict: Verdict
        switch parked.cause {
        case .question(let asked):
            guard let answer = asked.answer else { return wait(parked, &reading) }
            actions.append(.remark(.question, asked.settlement))
            verdict = answer == .judgeAgain ? judge(parked, window, reading.direction) : answer
        case .upstream where isReaching, .identity where isIdentifying:
            return wait(parked, &reading)
        case .content(let limit):
            do throws(WireFault) {
                guard try gather(window, &parked, limit, reading.direction) else { return wait(parked, &reading) }
            } catch {
                let offset = lanes[reading.lane].base + UInt64(parked.scanned)
                return end(.fault(error.rebased(by: offset)), into: &actions)
            }
            verdict = judge(parked, window, reading.direction)
        case .upstream, .identity:
            verdict = judge(parked, window, reading.direction)
        }
        carryOut(verdict, parked, &reading, into: &actions)
    }

    private mutating func wait(_ parked: consuming Parked, _ reading: inout Reading) {
        lanes[reading.lane].parking = if case .content = parked.cause { .gathering } else { .waiting }
        self.parked[reading.lane] = parked
        reading.goesOn = false
    }

    private mutating func judge(_ parked: Parked, _ window: Span<UInt8>, _ direction: Direction) -> Verdict {
        let bytes = window.extracting(0..<parked.length)
        if let gathered = parked.gathered { return policy.judge(parked.message, gathered, bytes, direction) }
        return policy.judge(parked.message, bytes, direction, isWhole: parked.isWhole)
    }

    /// Reads on behind a head that waits for its content; true when there is no more to wait for.
    private mutating func gather(
        _ window: Span<UInt8>, _ parked: inout Parked, _ limit: Int, _ direction: Direction
    ) throws(WireFault) -> Bool {
        var gathered = parked.gathered ?? GatheredMessage(head: 0..<parked.length, content: [], isComplete: false)
        reading: while parked.scanned < window.count, !gathered.isComplete,
            parked.scanned - gathered.head.count <= limit
        {
            let found = try decoder.step(window.extracting(parked.scanned...), direction)
            guard let length = found.length else { break }
            switch found {
            case .body(_, let isLast):
                gathered.append(parked.scanned..<(parked.scanned + length))
                gathered.isComplete = isLast && policy.endsGathering(nil, direction)
            case .message(let message, _), .head(let message, _, _):
                gathered.isComplete = policy.endsGathering(message, direction)
            case .needMore, .awaitOther, .become, .opaque: break reading
            }
            parked.scanned += length
        }
        let isTooLong = parked.scanned - gathered.head.count > limit
        guard gathered.isComplete || isTooLong else {
            parked.gathered = gathered
            return false
        }
        if isTooLong { gathered.isComplete = false }
        parked.gathered = gathered
        parked.length = parked.scanned
        parked.isWhole = gathered.isComplete
        lanes[direction.slot].isInBody = !gathered.isComplete
        return true
    }

    private mutating func reach(into actions: inout [ProxyAction]) {
        if !isReaching { actions.append(.reach) }
        isReaching = true
    }
}
