import Protocols

// A request goes on once it is known who makes it, it is allowed, and an upstream is there. It is judged anew each time that
// one of these has been waited for.

extension HTTPInterceptor {
    mutating func judge(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage?
    ) -> Verdict {
        isRequestChunked = head.framing == .chunked
        let headBytes = bytes.extracting(gathered?.head ?? 0..<bytes.count)
        if let refusal = refusal(of: head, headBytes) { return answer(head, bytes, refusal) }
        if let verdict = identify(head, bytes) ?? clear(head, bytes, gathered) { return verdict }
        switch upstream {
        case .none:
            return .reach
        case .failed(let failure):
            upstream = .none
            return answer(head, bytes, HTTPReply(failure))
        case .ready(let isReused):
            return forward(head, bytes, gathered, isReused: isReused)
        }
    }

    mutating func identified(_ result: Result<Identity, IdentityRefusal>) {
        credential = nil
        callers?.found(result)
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> Verdict {
        settlement = judge?.settle(question, answer) ?? .allow
        return .judgeAgain
    }

    mutating func requestEnded() {
        guard exchange?.request == .flowing else { return }
        exchange?.request = .complete
        settleExchange()
    }

    // MARK: Who, and whether

    private mutating func identify(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> Verdict? {
        guard clearance == .none, let found = callers?.caller(of: head, bytes) else { return nil }
        switch found {
        case .known(let identity):
            if identity != caller { facts.append(.identity(identity)) }
            caller = identity
            if let directions, !directions.admits(identity) {
                return answer(head, bytes, directions.nowhere(for: identity).reply)
            }
            clearance = .identified
            return nil
        case .find(let credential):
            self.credential = credential
            return .identify
        case .answer(let answer, let reason):
            return self.answer(head, bytes, HTTPReply(answer, reason))
        }
    }

    private mutating func clear(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage?
    ) -> Verdict? {
        guard clearance != .allowed, judge != nil else { return nil }
        let headBytes = bytes.extracting(gathered?.head ?? 0..<bytes.count)
        if settlement == nil, gathered == nil, head.hasContent,
            case .content(let limit)? = judge?.sight(of: head, headBytes, caller)
        {
            return .gather(limit: limit, words: head.expectsContinue(headBytes) ? Self.goOn : [])
        }
        if let gathered, !gathered.isComplete {
            return answer(head, bytes, HTTPReply(413, "the request is longer than what rules can read"))
        }
        let judgement =
            settlement.take() ?? judge?.judge(head, headBytes, content: gathered?.content(of: bytes), caller) ?? .allow
        switch judgement {
        case .allow:
            clearance = .allowed
            return nil
        case .allowPart(let part):
            clearance = .allowed
            self.part = part
            hold?.calls = part.calls
            facts.append(.partRefused(rule: part.rule))
            return nil
        case .ask(let question, let calls):
            keepWaiting(head, headBytes, calls)
            return .ask(question)
        case .deny(let answer, let rule):
            let isConsumed = gathered != nil || !head.hasContent
            var reply = HTTPReply(answer, rule)
            let words = end(head, &reply, isConsumed: isConsumed)
            return .refuse(Reply(words, rule: rule, originalSecrets: head.secrets(in: bytes, route.querySecrets)))
        }
    }

    private static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private mutating func refusal(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> HTTPReply? {
        switch head.method {
        case .connect: return HTTPReply(405, "CONNECT is refused: this is no proxy for other servers")
        // Its response would hold what the gateway adds, and what browsers hide from scripts (RFC 9110 §9.3.8).
        case .trace: return HTTPReply(405, "TRACE is refused")
        default: break
        }
        do throws(HTTPObjection) {
            try directions?.check(head, bytes)
            try noteWay(of: head, bytes)
        } catch { return error.reply }
        return nil
    }

    /// The recording says where a proxy begins to speak for somebody else.
    private mutating func noteWay(of head: HTTPRequestHead, _ bytes: Span<UInt8>) throws(HTTPObjection) {
        let new = try route.forwarded.way(of: head, bytes)
        if new != way { facts.append(.remark(.information, new.remark(by: route.forwarded.peer))) }
        way = new
    }

    // MARK: What becomes of it

    private mutating func forward(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage?, isReused: Bool
    ) -> Verdict {
        let headBytes = bytes.extracting(gathered?.head ?? 0..<bytes.count)
        let part = part.take()
        let isRead = hold?.isOpen == true || part != nil || judge?.readsAnswers == true
        let new: Replacement
        do throws(HTTPHeadEncoder.Fault) {
            new = try route.rewrite(
                head, headBytes, content: part?.content ?? gathered?.content(of: bytes), way, wantsPlainAnswer: isRead)
        } catch { return answer(head, bytes, HTTPReply(400, "the request cannot be passed on")) }
        noteSession(of: head, headBytes)
        var under = HTTPExchange(head)
        if gathered != nil { under.request = .complete }
        under.part = part
        under.mayNameEndpoint = head.method == .get && route.isMapped && !head.fields.contains(.mcpSessionID)
        under.handshake = WebSocketHandshake(head, headBytes)
        if hold?.isOpen == false { hold = nil }
        signs = nil
        if isReused, head.isIdempotent, under.request == .complete { under.resend = new }
        exchange = under
        clearance = .none
        return .replace(new)
    }

    /// The gateway answers in the upstream's place.
    private mutating func answer(_ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ reply: HTTPReply) -> Verdict {
        var reply = reply
        let words = end(head, &reply, isConsumed: !head.hasContent)
        return .answer(words, secrets: head.secrets(in: bytes, route.querySecrets), reason: reply.text)
    }

    /// The exchange ends with a reply of ours, and the connection where content may follow that nobody reads: whoever waits
    /// to be told that it is welcome (RFC 9110 §10.1.1) may send it, or not.
    private mutating func end(_ head: HTTPRequestHead, _ reply: inout HTTPReply, isConsumed: Bool) -> [UInt8] {
        reply.closes = reply.closes || head.isLast || !isConsumed
        var under = HTTPExchange(head)
        under.closesClient = reply.closes
        under.response = .complete
        under.request = .complete
        exchange = under
        clearance = .none
        let words = takeOpenHold().map { ownAnswers + $0.ending(reply) }
        (hold, signs, part) = (nil, nil, nil)
        settleExchange()
        if let words { return words }
        return reply.bytes(isHead: under.isHead)
    }
}

extension HTTPRequestHead {
    /// RFC 9110 §10.1.1.
    fileprivate func expectsContinue(_ bytes: Span<UInt8>) -> Bool {
        version == .http11 && fields.lists("100-continue", in: .expect, bytes)
    }
}

extension GatheredMessage {
    func content(of bytes: Span<UInt8>) -> [UInt8] {
        var whole: [UInt8] = []
        whole.reserveCapacity(content.reduce(0) { $0 + $1.count })
        for piece in content { whole.append(bytes.extracting(piece)) }
        return whole
    }
}
