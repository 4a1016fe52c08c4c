/// The questions that wait for a person. A value; the caller brings the time, and wakes whoever waits.
///
/// The rule that makes an approval worth something lives here: nobody answers a question of their own.
public struct QuestionBook: Sendable {
    /// In the order in which they were asked.
    public private(set) var open: [OpenQuestion] = []
    private var nextID: UInt64
    private let limit: Int

    /// No question waits longer, in nanoseconds: seven days.
    public static let patienceMaximum: Int64 = 604_800_000_000_000

    /// - Parameters:
    ///   - firstID: numbers grow from here. It should differ from run to run, so that an answer that comes too late does
    ///     not meet another question.
    ///   - limit: how many questions may wait at once.
    public init(firstID: UInt64, limit: Int = 1000) {
        nextID = firstID
        self.limit = limit
    }

    /// Enters a question; `nil` when too many wait, which must count as denied.
    ///
    /// - Parameters:
    ///   - now: nanoseconds since 1970.
    ///   - patience: how long it waits, in nanoseconds; at most ``patienceMaximum``.
    public mutating func ask(
        session: UInt64, asker: String, rule: String, title: String, at now: Int64, patience: Int64
    ) -> OpenQuestion? {
        guard open.count < limit else { return nil }
        let question = OpenQuestion(
            id: nextID, session: session, asker: asker, rule: rule, title: title, asked: now,
            expires: now + min(max(0, patience), Self.patienceMaximum))
        nextID += 1
        open.append(question)
        return question
    }

    /// Takes out a question that somebody answers.
    ///
    /// - Throws: `.noSuchQuestion` when it was answered, withdrawn, has expired, or never was; `.ownQuestion`.
    public mutating func answer(
        _ id: UInt64, by actor: ControlActor, at now: Int64
    ) throws(ControlFault) -> OpenQuestion {
        guard let index = open.firstIndex(where: { $0.id == id && $0.expires > now }) else {
            throw ControlFault(.noSuchQuestion, "no question \(id) waits for an answer")
        }
        // Databases of users differ in whether case counts; a second person differs in more than that.
        guard open[index].asker.lowercased() != actor.name.lowercased() else {
            throw ControlFault(.ownQuestion, "\(actor.name) has asked this, so somebody else has to answer")
        }
        return open.remove(at: index)
    }

    /// Takes out a question that nobody waits for any more; `nil` when it is not open.
    public mutating func withdraw(_ id: UInt64) -> OpenQuestion? {
        open.firstIndex { $0.id == id }.map { open.remove(at: $0) }
    }
}
