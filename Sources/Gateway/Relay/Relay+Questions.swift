import Protocols
import Transport

// A lane that waits for a person's answer. Nothing more is read of it meanwhile; the other lane goes on.

/// What is kept of a question until it is settled.
@safe
struct AskedQuestion {
    var question: Question
    /// As people know it; `nil` when it could not be put to anybody.
    var number: UInt64?
    var timer: LoopTimer?
    var reminder: LoopTimer?

    init(_ question: Question, number: UInt64?) {
        self.question = question
        self.number = number
    }
}

extension Relay {
    /// Puts a question to those who can answer it.
    func ask(_ question: Question) {
        station.counters.questions.add()
        let entry = station.desk.ask(
            session: number, asker: caller.subject, rule: question.rule, title: question.title,
            at: loop.now.wallNanoseconds, patience: question.patience
        ) { [weak self] answer, actor, reason in
            let answer: Answer =
                answer == .allow ? .allowed(by: actor.name, reason: reason) : .denied(by: actor.name, reason: reason)
            self?.later { await $0.settle(question, answer) }
        }
        asked = AskedQuestion(question, number: entry?.id)
        guard let number = entry?.id else { return later { await $0.settle(question, .unanswerable) } }
        asked?.timer = loop.schedule(after: question.patience) { [weak self] in
            self?.later { await $0.settle(question, .expired) }
        }
        endpoint.waits(core.policy) { [weak self] in self?.later { await $0.settle(question, .cancelled) } }
        tell(.info, "question asked", .question(number), .rule(question.rule))
        var actions: [ProxyAction] = []
        core.asked(question, number: number, into: &actions)
        perform(actions, Span(), .clientToServer)
        if let period = core.policy.reminderPeriod { remind(each: period) }
    }

    /// Whoever waits is told so again and again.
    private func remind(each period: Duration) {
        asked?.reminder = loop.schedule(after: period) { [weak self] in
            self?.later { await $0.remindNow(each: period) }
        }
    }

    private func remindNow(each period: Duration) {
        var actions: [ProxyAction] = []
        guard mayFlow, core.remind(into: &actions) else { return }
        perform(actions, Span(), .clientToServer)
        remind(each: period)
    }

    private func settle(_ question: Question, _ answer: Answer) {
        guard mayFlow, asked?.question.id == question.id, core.settle(question.id, answer) else { return }
        tell(.info, "question settled", .rule(question.rule), .reason(answer.description))
        closeQuestion()
        takeUpward()
    }

    /// The question goes with whoever asked.
    func askerLeft() {
        guard let asked else { return }
        let number = asked.number.map { " \($0)" } ?? ""
        perform([.remark(.question, "question\(number) withdrawn: the asker left")], Span(), .clientToServer)
        settle("the client left while a question was open")
    }

    /// It is settled, or nobody waits for it any more.
    func closeQuestion() {
        guard let closed = exchange(&asked, with: nil) else { return }
        closed.number.map { _ = station.desk.withdraw($0) }
        closed.timer?.cancel()
        closed.reminder?.cancel()
        endpoint.waits(core.policy, cancelled: nil)
    }

    /// What somebody else's request has led to, for this client.
    func say(_ words: [UInt8]) {
        var actions: [ProxyAction] = []
        core.insert(words, into: &actions)
        if mayFlow { perform(actions, Span(), .serverToClient) }
    }

    /// Does something on the relay's loop, in a turn of its own.
    nonisolated func later(_ body: @escaping @Sendable (Relay) async -> Void) {
        Task(executorPreference: loop) { await body(self) }
    }
}
