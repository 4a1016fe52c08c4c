import Glibc
import Protocols
import Recorder
import Synchronization
import Transport

/// What the control socket and the monitoring listener see of a gateway, and what they can make it do.
final class GatewayControl: ControlDelegate, MetricsSource {
    private let stations: [Station]
    private let recorder: Recorder
    private let desk: QuestionDesk
    private let entrances: Current<[Entrance]>
    private let readAgain: @Sendable (ControlActor) async throws(ControlFault) -> [String]
    private let source: String?
    private let log: Log
    private let started = Timestamp.current()
    private let heartbeats: [Heartbeat]
    private let isDraining = Atomic<Bool>(false)

    init(
        _ stations: [Station], _ recorder: Recorder, _ desk: QuestionDesk, _ entrances: Current<[Entrance]>,
        _ configuration: GatewayConfiguration
    ) {
        self.stations = stations
        self.recorder = recorder
        self.desk = desk
        self.entrances = entrances
        readAgain = configuration.reload
        source = configuration.source
        log = configuration.log
        heartbeats = stations.map { Heartbeat(of: $0.loop) }
    }

    /// From now on no new connection should come.
    func beginDraining() { isDraining.store(true, ordering: .relaxed) }

    /// What each loop says, asked on the loop itself.
    private func ask<Answer: Sendable>(_ question: @escaping @Sendable (Station) -> Answer) async -> [Answer] {
        var answers: [Answer] = []
        for station in stations {
            answers.append(await Task(executorPreference: station.loop) { question(station) }.value)
        }
        return answers
    }

    // MARK: ControlDelegate

    func status() async -> GatewayStatus {
        let entrances = entrances.value
        return GatewayStatus(
            version: Software.version, processID: getpid(), since: started.wallNanoseconds,

            listeners: entrances.map(\.acceptor.address.description),
            targets: Set(entrances.flatMap(\.targets)).sorted(),
            obstacles: await obstacles(), sessions: stations.reduce(0) { $0 + $1.connectionCount },
            questions: desk.open.count, configuration: source)
    }

    func sessions() async -> [LiveSession] {
        await ask { $0.sessions }.joined().sorted { $0.number < $1.number }
    }

    func kill(_ session: UInt64, reason: String, by actor: ControlActor) async throws(ControlFault) {
        let cause = FarewellCause.killed(by: actor.name, reason: reason)
        guard await ask({ $0.end(session, cause) }).contains(true) else {
            throw ControlFault(.noSuchSession, "no session \(session) is open")
        }
        log.info("session killed", .session(session), .by(actor.name), .reason(reason))
    }

    func questions() async -> [OpenQuestion] { desk.open }

    func answer(
        _ question: UInt64, _ answer: QuestionAnswer, reason: String, by actor: ControlActor
    ) async throws(ControlFault) {
        try desk.answer(question, answer, reason: reason, by: actor, at: Timestamp.current().wallNanoseconds)
        log.info("question answered", .question(question), .decision(answer), .by(actor.name), .reason(reason))
    }

    func reload(by actor: ControlActor) async throws(ControlFault) -> [String] {
        let waiting: [String]
        do throws(ControlFault) { waiting = try await readAgain(actor) } catch {
            log.warning("reload refused", .by(actor.name), .cause(error))
            throw error
        }
        log.info("configuration reloaded", .by(actor.name), .waiting(waiting))
        return waiting
    }

    func follow() -> LogFeed { log.follow() }

    // MARK: MetricsSource

    func isAlive() async -> Bool {
        let now = Timestamp.current()
        return heartbeats.allSatisfy { $0.isAlive(at: now) }
    }

    func obstacles() async -> [String] {
        (isDraining.load(ordering: .relaxed) ? ["the gateway is shutting down"] : []) + recorder.status.obstacles
    }

    func metrics() async -> [MetricFamily] {
        let now = Timestamp.current()
        let states = await ask { $0.states }
        return GatewayMetrics(
            started: started, openQuestions: desk.open.count, isReady: await obstacles().isEmpty,
            counters: stations.map(\.counters),
            states: states.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) },
            delays: heartbeats.map { $0.delay(at: now) }, recorder: recorder.status
        ).families
    }
}
