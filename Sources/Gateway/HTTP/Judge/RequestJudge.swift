import Protocols

/// Holds the rules against the requests of one connection, and keeps MCP sessions with whom they were given to.
struct RequestJudge: HTTPJudge {
    private let book: RuleBook
    private let pins: SessionPins
    private let target: String
    /// The longest body that rules read, in bytes.
    private let bodyLimit: Int

    private var caller: Identity?
    private var generation = -1
    private var rules: CallerRules?
    /// The request that is under way: what is answered to it is judged, too.
    private var facts = RequestFacts("", "/")
    private var session: SessionPins.Session?
    private var endsSession = false
    private var listIsStream = false
    private var questionCount: UInt64 = 0

    init(_ book: RuleBook, _ pins: SessionPins, target: String, bodyLimit: Int) {
        self.book = book
        self.pins = pins
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
        facts = RequestFacts(head, bytes, path: head.pathText(in: bytes), content: content)
        if let objection = sessionObjection(head, bytes, caller) { return objection }
        if let answer = RoutingFields.objection(to: facts.content, head.fields, bytes) {
            return .deny(answer, rule: "header fields that contradict the body")
        }
        guard !rules.allowsEveryRequest else { return .allow }
        switch rules.judge(facts, at: book.now()) {
        case .allow: return .allow
        case .deny(let rule, let cause): return refuse(RequestRefusal(rule, cause), rules)
        case .ask(let rule, let cause):
            questionCount += 1
            let question = Question(
                id: questionCount, rule: rule.name, title: title(cause), patience: rule.patience)
            if case .calls(let calls, _) = facts.content { return .ask(question, calls) }
            return .ask(question, [])
        }
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> HTTPJudgement {
        guard let refusal = RequestRefusal(answer, to: question.rule) else { return .allow }
        return refuse(refusal, nil)
    }

    /// New rules take effect with the next request.
    private mutating func refresh(for caller: Identity) -> CallerRules {
        if let rules, self.caller == caller, generation == book.currentGeneration { return rules }
        self.caller = caller
        generation = book.currentGeneration
        let new = book.rules(for: caller, on: target)
        rules = new
        return new
    }

    /// - Parameter rules: by which each call of a batch is judged alone; `nil`: all are refused alike.
    private func refuse(_ refusal: RequestRefusal, _ rules: CallerRules?) -> HTTPJudgement {
        guard case .calls(let calls, let isBatch) = facts.content, !calls.isEmpty else {
            return .deny(refusal.answer, rule: refusal.text)
        }
        let refusals = calls.map { call -> RequestRefusal? in
            guard let rules else { return refusal }
            guard case .deny(let rule, let cause) = rules.judge(call, of: facts, at: book.now()) else { return nil }
            return RequestRefusal(rule, cause)
        }
        return .deny(RequestRefusal.answer(calls, isBatch: isBatch, refusals), rule: refusal.text)
    }

    /// What a person reads who has to decide.
    private func title(_ cause: Judgement.Cause) -> String {
        guard case .calls(let calls, _) = facts.content else { return "\(cause)" }
        let call = if case .call(let call) = cause { call } else { calls.first }
        guard let call, call.tool != nil else { return "\(cause)" }
        return "\(cause): \(DisplayText.line(call.arguments.text, limit: 2_000))"
    }

    // MARK: Sessions

    /// A session that is not this caller's is answered like one that is over (MCP, "Session Management").
    private mutating func sessionObjection(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ caller: Identity
    ) -> HTTPJudgement? {
        let ids = head.fields.filter { $0.name == .mcpSessionID }
        session = ids.first.map { .init(target: target, id: [UInt8](copying: bytes.extracting($0.valueRange))) }
        endsSession = head.method == .delete
        guard let session else { return nil }
        guard ids.count == 1, pins.isPinned(session, to: caller.principal) else {
            let answer = HTTPAnswer.problem(404, "Not Found", "there is no such session of this caller")
            return .deny(answer, rule: "a session belongs to whom it was given to")
        }
        return nil
    }

    // MARK: Responses

    mutating func sight(of head: HTTPResponseHead, _ bytes: Span<UInt8>) -> HTTPSight {
        keepSession(head, bytes)
        guard mayListTools, let type = head.fields.value(.contentType, in: bytes) else { return .head }
        let name = type.lowercased().prefix { $0 != ";" && $0 != " " }
        // The stream that answers a request ends with the answer.
        listIsStream = name == "text/event-stream"
        let isJSON = name == "application/json" || name.hasSuffix("+json")
        return listIsStream || isJSON ? .content(limit: bodyLimit) : .head
    }

    mutating func edit(_ content: [UInt8], of head: HTTPResponseHead) -> HTTPEdit {
        guard let rules else { return .refused(rule: "no rules") }
        let (facts, time) = (facts, book.now())
        let filter = ToolListFilter { rules.hides(tool: $0, of: facts, at: time) }
        return switch listIsStream ? filter.filter(events: content) : filter.filter(content) {
        case .unchanged: .unchanged
        case .edited(let new): .edited(new, reason: "tools that the caller may not use are not shown")
        case .unreadable: .refused(rule: "a list of tools that cannot be read")
        }
    }

    /// Whether what is answered could be a list of tools of which some are hidden.
    private var mayListTools: Bool {
        guard let rules, rules.readsCalls || rules.standard == .deny, case .calls(let calls, _) = facts.content else {
            return false
        }
        return calls.contains { $0.method == "tools/list" }
    }

    private mutating func keepSession(_ head: HTTPResponseHead, _ bytes: Span<UInt8>) {
        guard let caller, (200..<300).contains(head.status) else { return }
        if endsSession, let session { pins.forget(session) }
        guard let id = head.fields.first(.mcpSessionID) else { return }
        _ = pins.pin(
            SessionPins.Session(target: target, id: [UInt8](copying: bytes.extracting(id.valueRange))),
            to: caller.principal)
    }
}
