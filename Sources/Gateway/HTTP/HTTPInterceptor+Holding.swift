import Protocols

// A call that waits for a person's answer: what its client is told meanwhile, and what becomes of the upstream's answer where
// the client reads a stream of the gateway's already.

extension HTTPInterceptor {
    /// Sees to it that the client of a request that is asked about stays: by the stream of its session, or by one that its
    /// answer begins with.
    mutating func keepWaiting(_ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ calls: [RPCCall]) {
        if hold?.isOpen == true || signs != nil { return }
        guard judge?.answersInSession == true else { return hold = HTTPHold(head, bytes, calls) }
        if calls.contains(where: { $0.id != nil }) { signs = SignsOfLife(calls) }
    }

    mutating func notice(of question: Question, number: UInt64) -> [UInt8] {
        signs?.ask(question, number: number)
        _ = sayInSession()
        return hold?.tell(question, number: number) ?? []
    }

    var noticesOpenAnswers: Bool { true }

    mutating func reminder() -> [UInt8]? {
        if hold?.isOpen == true { return hold?.reminder() }
        return sayInSession() ? [] : nil
    }

    var reminderPeriod: Duration? { hold?.isOpen == true || signs != nil ? timeLimits.reminder : nil }

    /// False where there is nothing to be said, or nobody to hear it.
    private mutating func sayInSession() -> Bool {
        guard let events = signs?.events() else { return false }
        return judge?.say(inSession: events) ?? false
    }

    /// The longest answer in one piece that is carried on, in bytes.
    static var answerMaximum: Int { 16 << 20 }

    mutating func carryOn(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage?
    ) -> Verdict {
        let headBytes = bytes.extracting(gathered?.head ?? 0..<bytes.count)
        let secrets = head.fields.secrets(in: headBytes, route.querySecrets)
        if head.isInterim { return .swallow(secrets: secrets, reason: "the client reads a stream already") }
        noteSession(of: head, headBytes)
        exchange?.isResponseChunked = head.framing == .chunked
        exchange?.closesUpstream = head.isLast
        if let gathered {
            let content = gathered.isComplete ? edited(gathered.content(of: bytes), of: head, headBytes) : nil
            return complete(head, headBytes, content, secrets)
        }
        if head.isEvents(headBytes), head.framing == .chunked, !head.isCoded, let verdict = goOn(head, headBytes) {
            return verdict
        }
        guard head.hasContent else { return complete(head, headBytes, nil, secrets) }
        return .gather(limit: Self.answerMaximum, words: [])
    }

    /// A stream goes on as the rest of the one that the client reads.
    private mutating func goOn(_ head: HTTPResponseHead, _ bytes: Span<UInt8>) -> Verdict? {
        guard let under = exchange else { return nil }
        switch judge?.sight(of: head, bytes) {
        case nil, .head: break
        case .events(let limit): exchange?.edit = EventStreamEdit(head, limit: limit, for: under.version)
        case .content: return nil
        }
        hold = nil
        exchange?.response = .flowing
        let reason = "the answer goes on in the stream that the client reads already"
        let secrets = head.fields.secrets(in: bytes, route.querySecrets)
        return .replace(Replacement(ownAnswers, originalSecrets: secrets, reason: reason, keepsBody: true))
    }

    /// The stream ends with what the upstream has said.
    private mutating func complete(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ content: [UInt8]?, _ secrets: [Range<Int>]
    ) -> Verdict {
        guard let open = takeOpenHold() else { return .forward }
        let words = ownAnswers + open.ending(head, content, isEvents: head.isEvents(bytes))
        exchange?.response = .flowing
        if content == nil, head.hasContent {
            exchange?.closesUpstream = true
            exchange?.closesClient = true
        }
        responseEnded()
        let reason = "the answer, as the end of the stream that the client reads already"
        return .replace(Replacement(words, originalSecrets: secrets, reason: reason))
    }

    /// What rules let pass of it; `nil`: nothing, or it cannot be read.
    mutating func edited(_ content: [UInt8], of head: HTTPResponseHead, _ bytes: Span<UInt8>) -> [UInt8]? {
        guard !head.isCoded else { return nil }
        guard judge?.sight(of: head, bytes) ?? .head != .head else { return content }
        switch judge?.edit(content, of: head) {
        case .unchanged, nil: return content
        case .edited(let new, _): return new
        case .refused: return nil
        }
    }
}

extension HTTPResponseHead {
    func isEvents(_ bytes: Span<UInt8>) -> Bool {
        status == 200
            && fields.value(.contentType, in: bytes)?.lowercased().prefix { $0 != ";" && $0 != " " }
                == "text/event-stream"
    }

    /// It was asked for without a content coding, and has one all the same.
    var isCoded: Bool { fields.contains(.contentEncoding) }
}
