/// What the control socket asks of a gateway. Called on an event loop, from several connections at once.
public protocol ControlDelegate: Sendable {
    func status() async -> GatewayStatus

    /// The sessions that are open, in the order of their numbers.
    func sessions() async -> [LiveSession]

    /// Ends a session. Returns once its connection has been told to end.
    ///
    /// - Throws: `.noSuchSession`.
    func kill(_ session: UInt64, reason: String, by actor: ControlActor) async throws(ControlFault)

    /// The questions that are open, the oldest first.
    func questions() async -> [OpenQuestion]

    /// Decides a question.
    ///
    /// - Throws: `.noSuchQuestion`; `.ownQuestion`. See ``QuestionBook/answer(_:by:at:)``.
    func answer(
        _ question: UInt64, _ answer: QuestionAnswer, reason: String, by actor: ControlActor
    ) async throws(ControlFault)

    /// What happens from now on. Whoever reads it ends the feed.
    func follow() -> LogFeed

    /// Reads the configuration again.
    ///
    /// - Returns: the sections whose changes wait for the next start.
    /// - Throws: `.notReloaded`, and the configuration in force stays.
    func reload(by actor: ControlActor) async throws(ControlFault) -> [String]
}
