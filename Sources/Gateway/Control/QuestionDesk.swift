import Adapters
import Synchronization

/// The open questions of a gateway, and whoever waits for each of them. Shared by all loops.
final class QuestionDesk: Sendable {
    /// Told once, by whatever loop the answer comes in on.
    typealias Decided = @Sendable (_ answer: QuestionAnswer, _ actor: ControlActor, _ reason: String) -> Void

    private struct State {
        var book: QuestionBook
        var waiting: [UInt64: Decided] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter limit: how many questions may wait at once.
    init(limit: Int = 1000) {
        let random = SystemRandom.bytes(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // Six digits, which a person can type, and other ones in every run.
        state = Mutex(State(book: QuestionBook(firstID: 100_000 + random % 800_000, limit: limit)))
    }

    /// The open questions, the oldest first.
    var open: [OpenQuestion] { state.withLock { $0.book.open } }

    /// Enters a question; `nil` when too many wait, which must count as denied.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since 1970.
    ///   - patience: how long an answer counts. Whoever asks looks at the clock, and withdraws the question.
    func ask(
        session: UInt64, asker: String, rule: String, title: String, at now: Int64, patience: Duration,
        decided: @escaping Decided
    ) -> OpenQuestion? {
        state.withLock { state in
            let nanoseconds = Int64(clamping: patience.components.seconds).multipliedReportingOverflow(
                by: 1_000_000_000)
            let question = state.book.ask(
                session: session, asker: asker, rule: rule, title: title, at: now,
                patience: nanoseconds.overflow ? .max : nanoseconds.partialValue)
            if let question { state.waiting[question.id] = decided }
            return question
        }
    }

    /// Nobody waits for it any more. Harmless when it was answered; false then.
    @discardableResult
    func withdraw(_ question: UInt64) -> Bool {
        state.withLock { state in
            state.waiting[question] = nil
            return state.book.withdraw(question) != nil
        }
    }

    /// Decides a question, and tells whoever waits.
    ///
    /// - Throws: as ``QuestionBook/answer(_:by:at:)``.
    func answer(
        _ question: UInt64, _ answer: QuestionAnswer, reason: String, by actor: ControlActor, at now: Int64
    ) throws(ControlFault) {
        let decided = try state.withLock { (state) throws(ControlFault) in
            _ = try state.book.answer(question, by: actor, at: now)
            return state.waiting.removeValue(forKey: question)
        }
        decided?(answer, actor, reason)
    }
}
