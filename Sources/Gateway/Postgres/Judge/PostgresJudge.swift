import Adapters
import Protocols

/// Holds the rules against the requests of one session, and keeps the server's state right where it refuses one.
///
/// A text is judged when it comes, as a simple query or in a Parse; what a portal runs is judged again at Execute, because
/// rules may have changed since and because a rule may ask each time. Costs one comparison per request while the rules allow
/// everything.
struct PostgresJudge: Sendable {
    private let book: RuleBook
    private let identity: Identity
    private let target: String
    private var judge: StatementJudge
    private var generation: Int
    /// The rules may refuse something, so requests are followed.
    private(set) var isActive: Bool
    /// Rules came into force while requests were under way that nobody had followed: nothing that is confirmed now is
    /// certain to be what we think.
    private var isUnsettled = false
    /// Names a portal, so it is another one in each session, and secret.
    private let executePoison: [UInt8]
    private var requests = PostgresRequests()
    private var names: PreparedNames
    private var reading = PostgresTextReading()
    /// The beginning of a long Bind, as long as its names are not known.
    private var bindHead: [UInt8]?
    private var questionCount: UInt64 = 0
    private var held: Held?

    /// A request that waits for an answer.
    private struct Held: Sendable {
        var request: PostgresRequest
        /// What becomes of it when it is allowed.
        var verdict: Verdict
        var instead: [UInt8]
    }

    init(_ book: RuleBook, _ identity: Identity, target: String, nameLimit: Int) {
        self.book = book
        self.identity = identity
        self.target = target
        generation = book.currentGeneration
        judge = book.judge(for: identity, on: target)
        isActive = !judge.allowsEverything
        names = PreparedNames(limit: nameLimit)
        executePoison = PostgresRefusal.Poison.execute(SystemRandom.bytes(16))
    }

    func judgement(_ facts: SQLFacts) -> Judgement { judge.judge(facts) }

    // MARK: Requests

    /// New rules take effect with the next request.
    ///
    /// - Parameter isResting: no request is under way.
    mutating func refresh(isResting: Bool) {
        guard book.currentGeneration != generation else { return }
        generation = book.currentGeneration
        judge = book.judge(for: identity, on: target)
        guard isActive == judge.allowsEverything else { return }
        isActive.toggle()
        requests.startOver()
        names.forgetAll()
        isUnsettled = isActive && !isResting
    }

    // Each is given what becomes of the message if the rules allow it, which it changes if they do not.

    mutating func query(_ text: Span<UInt8>, _ verdict: inout Verdict) {
        let read = read(text)
        let request = PostgresRequest(.query, forgets: read.forgets)
        if judge.surelyAllows(read) { return pass(request, read.disturbance) }
        carryOut(judge.judge(read), read.disturbance, request, &verdict, instead: PostgresRefusal.Poison.query) {
            StatementText.shown(text, $0)
        }
    }

    mutating func parse(_ name: Span<UInt8>, _ text: Span<UInt8>, _ verdict: inout Verdict) {
        let read = read(text)
        let name = [UInt8](copying: name)
        let judgement = judge.judge(read)
        var statement = PreparedStatement(reading: read)
        // Preparing runs nothing: the question comes with Execute.
        if case .ask = judgement { statement.text = StatementText.shown(text, verdict) }
        let request = PostgresRequest(.parse, PostgresRequest.Effect(name: name, statements: [statement]))
        if case .deny(let rule, let cause) = judgement {
            let refusal = PostgresRefusal(rule, cause)
            verdict = refuse(request, refusal, verdict, instead: PostgresRefusal.Poison.parse(name))
        } else {
            requests.sent(request)
        }
    }

    mutating func bind(portal: Span<UInt8>, statement: Span<UInt8>) {
        requests.sent(PostgresRequest(.bind, names.bind(portal: portal, statement: statement, requests)))
    }

    /// A Bind that is not held whole: its names are at the beginning of its body.
    mutating func longBind() { bindHead = [] }

    /// The next piece of a body. Until a long Bind's names are there, nothing else can come.
    mutating func continued(_ piece: Span<UInt8>) {
        guard var head = exchange(&bindHead, with: nil) else { return }
        head.append(piece.extracting(0..<min(piece.count, Self.namesLimit)))
        let bytes = head.span
        if let portalEnd = bytes.firstIndex(of: 0, from: 0), let end = bytes.firstIndex(of: 0, from: portalEnd + 1) {
            bind(portal: bytes.extracting(0..<portalEnd), statement: bytes.extracting((portalEnd + 1)..<end))
        } else if head.count < Self.namesLimit {
            bindHead = head
        } else {
            names.forgetAll()
            requests.sent(PostgresRequest(.bind, PostgresRequest.Effect()))
        }
    }

    /// Both names of a Bind; the server cuts longer ones. Bytes.
    private static let namesLimit = 1_024

    mutating func execute(_ portal: Span<UInt8>, _ verdict: inout Verdict) {
        let statements = names.portal(portal, requests)
        if statements.count == 1, let read = statements.first?.reading, judge.surelyAllows(read) {
            return pass(PostgresRequest(.execute, forgets: read.forgets), read.disturbance)
        }
        guard let first = statements.first else {
            return unseen(.execute, .preparedElsewhere, .execute, &verdict, instead: executePoison)
        }
        var judgement = Judgement.allow(nil)
        var (disturbance, forgets) = (first.reading.disturbance, first.reading.forgets)
        var text = first.text
        for statement in statements {
            let stricter = judgement.stricter(judge.judge(statement.reading))
            if stricter != judgement { (judgement, text) = (stricter, statement.text) }
            disturbance = max(disturbance, statement.reading.disturbance)
            forgets = statement.reading.forgets ?? forgets
        }
        // Which of several it runs is not known, and so not what that one forgets.
        if statements.count > 1, forgets != nil { forgets = .all }
        let request = PostgresRequest(.execute, forgets: forgets)
        carryOut(judgement, disturbance, request, &verdict, instead: executePoison) { _ in
            text ?? "what was prepared as another statement"
        }
    }

    /// A request whose text or whose function cannot be seen.
    mutating func unseen(
        _ kind: PostgresRequest.Kind, _ blindness: SQLBlindness, _ statement: SQLKind, _ verdict: inout Verdict,
        instead: [UInt8]
    ) {
        let read = judge.reading(of: .unseen(blindness, statement))
        let request = PostgresRequest(kind, forgets: read.forgets)
        carryOut(judge.judge(read), read.disturbance, request, &verdict, instead: instead) { _ in blindness.description
        }
    }

    /// A request that runs nothing.
    mutating func sent(_ kind: PostgresRequest.Kind) { requests.sent(PostgresRequest(kind)) }

    /// A Close.
    mutating func closed(_ kind: PostgresRequest.Kind, _ name: Span<UInt8>) {
        requests.sent(PostgresRequest(kind, PostgresRequest.Effect(name: [UInt8](copying: name))))
    }

    // MARK: Verdicts

    private mutating func read(_ text: Span<UInt8>) -> StatementJudge.Reading {
        if let obstacle = reading.obstacle(in: text) { return judge.reading(of: .unseen(obstacle)) }
        return judge.read(text)
    }

    /// - Parameter title: what a person is shown, by what becomes of the message if it is allowed.
    private mutating func carryOut(
        _ judgement: Judgement, _ disturbance: TextDisturbance, _ request: PostgresRequest,
        _ verdict: inout Verdict, instead: [UInt8], title: (Verdict) -> String
    ) {
        switch judgement {
        case .allow: pass(request, disturbance)
        case .deny(let rule, let cause):
            verdict = refuse(request, PostgresRefusal(rule, cause), verdict, instead: instead)
        case .ask(let rule, let cause):
            questionCount += 1
            // What it may change is taken into account while it waits, too: nothing else of this lane is read meanwhile.
            reading.sent(disturbance)
            held = Held(request: request, verdict: verdict, instead: instead)
            verdict = .ask(
                Question(
                    id: questionCount, rule: rule.name, title: "\(cause): \(title(verdict))", patience: rule.patience))
        }
    }

    private mutating func pass(_ request: PostgresRequest, _ disturbance: TextDisturbance) {
        reading.sent(disturbance)
        carriedOn(request)
    }

    private mutating func carriedOn(_ request: PostgresRequest) {
        if let forgets = request.effect?.forgets { names.forget(forgets) }
        requests.sent(request)
    }

    private mutating func refuse(
        _ request: PostgresRequest, _ refusal: PostgresRefusal, _ verdict: Verdict, instead: [UInt8]
    ) -> Verdict {
        requests.sent(request.refused(refusal))
        return .refuse(
            Reply(
                [], instead: instead, rule: "rule \(refusal.rule): \(refusal.message)", originalSecrets: verdict.secrets
            ))
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> Verdict {
        guard let held = exchange(&held, with: nil) else {
            return .end(farewell: [], reason: "a question was settled that nobody had asked")
        }
        if let refusal = PostgresRefusal(answer, to: question.rule) {
            return refuse(held.request, refusal, held.verdict, instead: held.instead)
        }
        carriedOn(held.request)
        return held.verdict
    }

    // MARK: Answers

    mutating func saw(_ status: PostgresMessage.ParameterStatus, _ bytes: Span<UInt8>) { reading.saw(status, bytes) }

    mutating func completed(_ kind: PostgresRequest.Kind) { completed(kind, or: kind) }

    mutating func completed(_ kind: PostgresRequest.Kind, or other: PostgresRequest.Kind) {
        guard let request = requests.completed(kind, or: other), isCertain else { return }
        names.confirm(request)
    }

    /// The words in place of a poison's error; `nil` where the server speaks for itself.
    mutating func failed(_ error: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>) -> PostgresRefusal? {
        guard let refusal = failed()?.effect?.refusal, PostgresRefusal.Poison.caused(error, bytes) else {
            return nil
        }
        return refusal
    }

    /// A server's error too long to be read. A poison's is never that long.
    mutating func failedAtLength() { _ = failed() }

    private mutating func failed() -> PostgresRequest? {
        defer { if requests.isLost { names.forgetAll() } }
        return requests.failed()
    }

    /// What is confirmed now is what we think.
    private var isCertain: Bool { !isUnsettled && !requests.isLost }

    mutating func copyBegan() { requests.copyBegan() }

    mutating func ready(_ status: PostgresMessage.TransactionStatus, isResting: Bool) {
        if let request = requests.ready(), isCertain { names.confirm(request) }
        if status == .idle { names.transactionEnded() }
        guard isResting, !requests.isLost else { return }
        reading.settled()
        isUnsettled = false
    }
}

extension Verdict {
    fileprivate var secrets: [Range<Int>] {
        if case .forwardRedacted(let secrets, _) = self { secrets } else { [] }
    }
}
