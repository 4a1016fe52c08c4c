import Protocols
import Recorder
import Transport

/// One connection: two lanes over one proxy core, pinned to its loop.
///
/// A read goes through the core, into the journal and out to the other side without a suspension in between: what is not
/// appended is never sent. A lane stops reading while its destination's queue is above the mark, or the journal is full.
@safe
actor Relay<Peer: Endpoint>: Connection {
    nonisolated let loop: EventLoop
    nonisolated let number: UInt64
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the relay holds its loop for as long as it lives.
        unsafe loop.asUnownedSerialExecutor()
    }

    let endpoint: Peer
    let station: Station
    let client: Socket
    var caller: Identity
    private let target: String
    let purpose: Peer.Purpose
    private let since: Timestamp
    var server: Socket?
    var core: ProxyCore<Peer.Decoder, Peer.Policy>
    var tape: Tape
    let upward = RelayLane(.clientToServer)
    /// A new one for each upstream.
    var downward = RelayLane(.serverToClient)
    private var actions: [ProxyAction] = []
    /// Lanes that have not ended; a count.
    private var flowing = 0
    /// Ends the connection with the caller's credential.
    private var expiry: LoopTimer?
    /// The question that the upward lane waits for.
    var asked: AskedQuestion?
    /// The upward lane, while what stands there has to wait.
    private var parked: UnsafeContinuation<Void, Never>?
    /// The way to the upstream, while it is looked for.
    var dialing: Task<Dialed, Never>?
    /// The core has asked for an upstream, and it is not looked for yet.
    var wantsUpstream = false
    /// When a side last said something, by the monotonic clock; nanoseconds.
    var lastHeard: UInt64 = 0
    /// Nanoseconds after which an upstream may have left that nobody has looked at since.
    private static var shortRest: UInt64 { 10_000_000 }
    /// Looks now and then whether a side is silent for too long.
    var silence: LoopTimer?
    /// Why the connection ends, once that is settled.
    var ending: String?

    init(_ endpoint: Peer, _ arrival: Arrival<Peer>, client: Socket, tape: Tape, station: Station) {
        loop = client.loop
        number = tape.sessionNumber
        since = client.loop.now
        self.endpoint = endpoint
        self.station = station
        self.client = client
        self.tape = tape
        caller = arrival.identity
        target = arrival.target
        purpose = arrival.purpose
        core = ProxyCore(arrival.decoder, arrival.policy, offsets: arrival.prologue.offsets)
        upward.hold(arrival.rest)
    }

    /// Reaches the upstream. Returns when the connection flows, or has ended already: what it takes to reach the upstream
    /// is given back with the caller's task, and an idle connection keeps one small task for each lane.
    func open() async {
        station.join(self, client)
        tell(.debug, "session began")
        watchCredential()
        endpoint.begins(&core.policy) { [weak self] words in self?.later { await $0.say(words) } }
        if Peer.dialsFirst { arrive(await dial(), isReused: false) }
        guard ending == nil else { return finish() }
        flow(upward)
        watchSilence()
    }

    /// Begins to carry what a lane's source says.
    func flow(_ lane: RelayLane) {
        flowing += 1
        Task(executorPreference: loop) { await self.carry(lane) }
    }

    private func carry(_ lane: RelayLane) async {
        take(lane)
        await pump(lane)
        flowing -= 1
        if flowing == 0 { finish() }
    }

    private func watchCredential() {
        guard let end = caller.validUntil else { return }
        let rest = max(0, end - loop.now.wallNanoseconds)
        expiry = loop.schedule(after: .nanoseconds(rest)) { [weak self, loop] in
            Task(executorPreference: loop) { await self?.end(.credentialOver) }
        }
    }

    func finish() {
        expiry?.cancel()
        silence?.cancel()
        endpoint.ended(core.policy)
        tape.finish(ending ?? "both sides closed", at: loop.now)
        close()
        station.leave(self)
        tell(.debug, "session ended", .reason(ending ?? "both sides closed"))
    }

    /// Writes a line about this session, if anybody reads such lines.
    func tell(_ level: LogLevel, _ event: StaticString, _ details: LogField...) {
        guard station.log.isRead(level) else { return }
        let fields: [LogField] = [
            .session(number), .identity(caller.subject), .target(target), .client(client.remoteAddress),
        ]
        station.log.write(LogRecord(level, event, fields + details))
    }

    /// Ends the connection once it has been at rest for a second: a client that is at work may come to its own end.
    func drain() { endAfterRest(since: nil) }

    private func endAfterRest(since position: JournalPosition?) {
        guard ending == nil else { return }
        if core.policy.isAtRest, position == tape.position { return end(.draining) }
        let seen = tape.position
        loop.schedule(after: .seconds(1)) { [weak self, loop] in
            Task(executorPreference: loop) { await self?.endAfterRest(since: seen) }
        }
    }

    /// Asks the connection to end, with words to the client where it can still read any.
    func end(_ cause: FarewellCause) {
        guard ending == nil else { return }
        if cause.isOurs, server != nil, !core.policy.isAtRest { interrupt() }
        var last: [ProxyAction] = []
        core.end(cause, into: &last)
        perform(last, Span(), .serverToClient)
    }

    /// Begins before the lanes wake to their end, and so before the endpoint forgets the connection.
    private func interrupt() {
        let policy = core.policy
        Task(executorPreference: loop) { [endpoint, loop] in await endpoint.interrupt(policy, on: loop) }
    }

    var state: LiveSession.State {
        if ending != nil { return .ending }
        if dialing != nil { return .connecting }
        if core.openQuestion(.clientToServer) != nil { return .asking }
        return core.policy.isAtRest ? .idle : .busy
    }

    var live: LiveSession {
        LiveSession(
            number: number, subject: caller.subject, method: caller.method, target: target,
            protocolID: Peer.protocolID, client: client.remoteAddress.description, since: since.wallNanoseconds,
            bytesFromClient: tape.bytes.fromClient, bytesToClient: tape.bytes.toClient, state: state)
    }

    /// Moves bytes of one direction until its source has no more, or is no longer ours, or the connection ends.
    private func pump(_ lane: RelayLane) async {
        let isUpward = lane.direction == .clientToServer
        guard let source = isUpward ? client : server else { return }
        while mayFlow, !lane.hasEnded, isUpward || server === source {
            if isUpward, isHeldBack { await unparked() }
            if let destination = isUpward ? server : client, destination.isAboveMark {
                await destination.belowMark()
            }
            await source.readable()
            if !station.lane.hasRoom { await station.room() }
            guard mayFlow, isUpward || server === source else { return }
            read(source, lane)
        }
    }

    /// Waits until what stands in the upward lane may go on, and meanwhile looks whether the client is still there.
    @inline(never)
    private func unparked() async {
        let watch = Task(executorPreference: loop) { [weak self, client] in
            if await client.hungUp() { await self?.leftWhileParked() }
        }
        // SAFETY: `resumeUpward` takes it out before it resumes it, once.
        unsafe await withUnsafeContinuation { unsafe parked = $0 }
        watch.cancel()
    }

    private func leftWhileParked() {
        guard mayFlow, isHeldBack else { return }
        if asked != nil { askerLeft() } else { settle("the client left before it was served") }
    }

    func resumeUpward() { unsafe parked.take()?.resume() }

    var mayFlow: Bool { ending == nil }

    /// What stands in the upward lane has to wait. Of the lane alone: asking the core copies all of it, for each read.
    private var isHeldBack: Bool { core.lanes[0].isWaiting }

    /// Not inlined: what it keeps would lie in the frame of every idle lane.
    @inline(never)
    private func read(_ source: Socket, _ lane: RelayLane) {
        do throws(TransportError) {
            guard let count = try lane.read(from: source) else { return }
            let before = exchange(&lastHeard, with: loop.now.monotonicNanoseconds)
            if lane.direction == .clientToServer {
                station.counters.fromClients.add(count)
                if lastHeard &- before > Self.shortRest { seeWhetherUpstreamLeft() }
                guard mayFlow else { return }
            }
            if count == 0 { sourceEnded(lane) } else { take(lane) }
        } catch {
            lost(lane.direction, error)
        }
    }

    /// What the upward lane holds may go on.
    func takeUpward() { take(upward) }

    /// Lets the core read what the lane holds, and does what it says, as long as one thing leads to another.
    private func take(_ first: RelayLane) {
        var next: RelayLane? = first
        while let lane = next { next = offer(lane) }
        if unsafe parked != nil, !isHeldBack { resumeUpward() }
    }

    /// Returns the lane that is to be offered next.
    private func offer(_ lane: RelayLane) -> RelayLane? {
        let direction = lane.direction
        var found = exchange(&actions, with: [])
        lane.offer(at: loop.now.monotonicNanoseconds) { window in
            let consumed = core.received(window, direction, into: &found)
            perform(found, window, direction)
            return consumed
        }
        let again: Direction? = if case .offerAgain(let direction) = found.last { direction } else { nil }
        // Cheaper than removeAll(keepingCapacity:), which is generic, for the one action that there usually is.
        while found.popLast() != nil {}
        actions = found
        if wantsUpstream, reach() { return upward }
        return again.map { $0 == .clientToServer ? upward : downward }
    }
}
