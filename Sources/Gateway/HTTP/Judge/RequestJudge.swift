import Protocols

/// Holds the rules against the requests of one connection, and keeps MCP sessions with whom they were given to.
struct RequestJudge: HTTPJudge {
    let book: RuleBook
    let pins: SessionPins
    let held: HeldCalls
    let streams: SessionStreams
    let target: String
    /// The longest body that rules read, in bytes.
    let bodyLimit: Int

    var caller: Identity?
    private var generation = -1
    var rules: CallerRules?
    /// The request that is under way: what is answered to it is judged, too.
    var facts = RequestFacts.unread
    var session: SessionPins.Session?
    /// That of either era, whose calls have ids of their own.
    var conversation: SessionPins.Session?
    /// The session of revision 2024-11-05 whose stream this connection carries.
    var opened: SessionPins.Session?
    var say: SessionStreams.Say?
    var endsSession = false
    var listIsStream = false
    /// A batch of which a call is being asked about.
    var batch: BatchJudgement?
    /// Calls of the request that have been asked about, where their client can take them back.
    private(set) var asked: [HeldCalls.Call] = []
    /// The request asks for an event stream.
    var awaitsEvents = false
    private var questionCount: UInt64 = 0

    init(
        _ book: RuleBook, _ pins: SessionPins, _ held: HeldCalls, _ streams: SessionStreams, target: String,
        bodyLimit: Int
    ) {
        self.book = book
        self.pins = pins
        self.held = held
        self.streams = streams
        self.target = target
        self.bodyLimit = bodyLimit
    }

    // MARK: Requests

    mutating func sight(of head: HTTPRequestHead, _ bytes: Span<UInt8>, _ caller: Identity) -> HTTPSight {
        refresh(for: caller).readsCalls ? .content(limit: bodyLimit) : .head
    }

    mutating func judge(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, content: [UInt8]?, _ caller: Identity
    ) -> HTTPJudgement {
        let rules = refresh(for: caller)
        // Where every request may pass, nobody asks what one is about.
        let isRead = content != nil || !rules.allowsEveryRequest
        facts = isRead ? RequestFacts(head, bytes, path: head.pathText(in: bytes), content: content) : .unread
        (batch, asked) = (nil, [])
        awaitsEvents = head.readsEvents(bytes)
        if let objection = sessionObjection(head, bytes, caller) { return objection }
        takeBack()
        if let answer = RoutingFields.objection(to: facts.content, head.fields, bytes) {
            return .deny(answer, rule: "header fields that contradict the body")
        }
        guard !rules.allowsEveryRequest else { return .allow }
        if case .calls(let calls, true) = facts.content, !calls.isEmpty, let content {
            return judge(calls, in: content, rules)
        }
        switch rules.judge(facts, at: book.now()) {
        case .allow: return .allow
        case .deny(let rule, let cause): return refuse(RequestRefusal(rule, cause))
        case .ask(let rule, let cause):
            if case .calls(let calls, _) = facts.content {
                return .ask(question(rule, cause, about: calls.first), calls)
            }
            return .ask(question(rule, cause, about: nil), [])
        }
    }

    mutating func question(_ rule: Rule, _ cause: Judgement.Cause, about call: RPCCall?) -> Question {
        questionCount += 1
        if let conversation, let id = call?.id { asked.append(HeldCalls.Call(session: conversation, id: id)) }
        return Question(id: questionCount, rule: rule.name, title: title(cause), patience: rule.patience)
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> HTTPJudgement {
        let refusal = RequestRefusal(answer, to: question.rule)
        if let batch { return settle(batch, refusal) }
        return refusal.map { refuse($0) } ?? .allow
    }

    /// New rules take effect with the next request.
    mutating func refresh(for caller: Identity) -> CallerRules {
        if let rules, self.caller == caller, generation == book.currentGeneration { return rules }
        self.caller = caller
        generation = book.currentGeneration
        let new = book.rules(for: caller, on: target)
        rules = new
        return new
    }

    private func refuse(_ refusal: RequestRefusal) -> HTTPJudgement {
        guard case .calls(let calls, let isBatch) = facts.content, !calls.isEmpty else {
            return .deny(refusal.answer, rule: refusal.text)
        }
        return deny(calls, isBatch: isBatch, calls.map { _ in refusal }, rule: refusal.text)
    }

    /// To a request that holds calls, all of which are refused.
    func deny(_ calls: [RPCCall], isBatch: Bool, _ refusals: [RequestRefusal?], rule: String) -> HTTPJudgement {
        let answers = zip(calls, refusals).compactMap { call, refusal in refusal?.message(to: call) }
        let events = answers.reduce(into: []) { $0 += SSEEvent.encode($1.encoded().span, type: "message") }
        if !events.isEmpty, say(inSession: events) { return .deny(HTTPAnswer(202), rule: rule) }
        return .deny(RequestRefusal.answer(calls, isBatch: isBatch, refusals), rule: rule)
    }

    /// What a person reads who has to decide.
    private func title(_ cause: Judgement.Cause) -> String {
        guard case .calls(let calls, _) = facts.content else { return "\(cause)" }
        let call = if case .call(let call) = cause { call } else { calls.first }
        guard let call, call.tool != nil else { return "\(cause)" }
        return "\(cause): \(DisplayText.line(call.arguments.text, limit: 2_000))"
    }
}
