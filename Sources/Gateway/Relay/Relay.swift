import Protocols
import Recorder
import Transport

/// One connection: two lanes over one proxy core, pinned to its loop.
///
/// A read goes through the core, into the journal and out to the other side without a suspension in between: what is not
/// appended is never sent. A lane stops reading while its destination's queue is above the mark, or the journal is full.
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
    let caller: Identity
    private let target: String
    private let purpose: Peer.Purpose
    private let since: Timestamp
    private var server: Socket?
    var core: ProxyCore<Peer.Decoder, Peer.Policy>
    private var tape: Tape
    private let upward = RelayLane(.clientToServer)
    private let downward = RelayLane(.serverToClient)
    private var actions: [ProxyAction] = []
    /// Lanes that have not ended; a count.
    private var flowing = 0
    /// Ends the connection with the caller's credential.
    private var expiry: LoopTimer?
    /// The question that the upward lane waits for.
    var asked: AskedQuestion?
    /// The way to the upstream, while it is looked for.
    private var dialing: Task<Dialed, Never>?
    /// Why the connection ends, once that is settled.
    private var ending: String?

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
        let dialing = Task(executorPreference: loop) { [endpoint, purpose, policy = core.policy, loop] in
            await endpoint.dial(purpose, policy, on: loop)
        }
        self.dialing = dialing
        connect(await dialing.value)
        self.dialing = nil
        guard ending == nil else { return finish() }
        flow(upward)
        flow(downward)
    }

    private func flow(_ lane: RelayLane) {
        flowing += 1
        let direction = lane.direction
        Task(executorPreference: loop) { await self.carry(direction) }
    }

    private func carry(_ direction: Direction) async {
        let lane = direction == .clientToServer ? upward : downward
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

    private func finish() {
        expiry?.cancel()
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
        if server == nil { return .connecting }
        if core.openQuestion(.clientToServer) != nil { return .asking }
        return core.policy.isAtRest ? .idle : .busy
    }

    var live: LiveSession {
        LiveSession(
            number: number, subject: caller.subject, method: caller.method, target: target,
            protocolID: Peer.protocolID, client: client.remoteAddress.description, since: since.wallNanoseconds,
            bytesFromClient: tape.bytes.fromClient, bytesToClient: tape.bytes.toClient, state: state)
    }

    private func connect(_ dialed: Dialed) {
        switch dialed {
        case .connected(let socket, let head, let notes):
            server = socket
            station.admit(socket)
            downward.hold(head)
            remark(notes)
        case .ended(let words, let reason, let notes):
            remark(notes)
            let last: [ProxyAction] = words.isEmpty ? [.end(reason)] : [.reply(.client, words), .end(reason)]
            perform(last, Span(), .serverToClient)
        }
    }

    /// Moves bytes of one direction until its source has no more, or the connection ends.
    private func pump(_ lane: RelayLane) async {
        guard let source = lane.direction == .clientToServer ? client : server else { return }
        while mayFlow, !lane.hasEnded {
            if asked != nil, lane.direction == .clientToServer { await answered() }
            if let destination = lane.direction == .clientToServer ? server : client, destination.isAboveMark {
                await destination.belowMark()
            }
            await source.readable()
            if !station.lane.hasRoom { await station.room() }
            guard mayFlow else { return }
            read(source, lane)
        }
    }

    var mayFlow: Bool { ending == nil }

    /// Not inlined: what it keeps would lie in the frame of every idle lane.
    @inline(never)
    private func read(_ source: Socket, _ lane: RelayLane) {
        do throws(TransportError) {
            guard let count = try lane.read(from: source) else { return }
            if lane.direction == .clientToServer { station.counters.fromClients.add(count) }
            if count == 0 { sourceEnded(lane) } else { take(lane) }
        } catch {
            lost(lane.direction, error)
        }
    }

    /// What the upward lane holds may go on.
    func takeUpward() { take(upward) }

    /// Lets the core read what the lane holds, and does what it says.
    private func take(_ lane: RelayLane) {
        let direction = lane.direction
        var found = exchange(&actions, with: [])
        lane.offer { window in
            let consumed = core.received(window, direction, into: &found)
            perform(found, window, direction)
            return consumed
        }
        let again = if case .offerAgain = found.last { true } else { false }
        // Cheaper than removeAll(keepingCapacity:), which is generic, for the one action that there usually is.
        while found.popLast() != nil {}
        actions = found
        if again { take(direction == .clientToServer ? downward : upward) }
    }
}

// MARK: Carrying out

extension Relay {
    func perform(_ actions: [ProxyAction], _ window: Span<UInt8>, _ direction: Direction) {
        do throws(RecorderError) {
            for action in actions {
                if case .forward(let range) = action {
                    let bytes = window.extracting(range)
                    try tape.forward(bytes, direction, at: loop.now)
                    send(bytes, to: direction.receiver)
                } else {
                    try tape.record(action, window, direction, at: loop.now)
                    carryOut(action, window, direction)
                }
            }
        } catch {
            fail(error)
        }
    }

    private func carryOut(_ action: ProxyAction, _ window: Span<UInt8>, _ direction: Direction) {
        switch action {
        case .forward(let range), .forwardRedacted(let range, _, _):
            send(window.extracting(range), to: direction.receiver)
        case .replace(_, _, let bytes, _, _):
            send(bytes.span, to: direction.receiver)
        case .reply(let side, let bytes, _):
            send(bytes.span, to: side)
        case .refused(_, _, let rule, let instead):
            station.counters.denials.add()
            tell(.info, "request refused", .rule(rule))
            if !instead.isEmpty { send(instead.span, to: direction.receiver) }
        case .withhold, .remark, .opaque, .offerAgain:
            break
        case .ask(let question):
            ask(question)
        case .end(let reason):
            settle(reason)
        }
    }

    private func send(_ bytes: Span<UInt8>, to side: Side) {
        guard let socket = side == .client ? client : server else { return }
        do throws(TransportError) {
            try socket.send(bytes, position: tape.position)
            if side == .client { station.counters.toClients.add(bytes.count) }
            station.sent(on: socket)
        } catch {
            lost(side == .client ? .clientToServer : .serverToClient, error)
        }
    }

    private func remark(_ notes: [String]) {
        do throws(RecorderError) {
            for note in notes { try tape.remark(note, at: loop.now) }
        } catch {
            fail(error)
        }
    }
}

// MARK: Ending

extension Relay {
    /// A source has said all it had to say. A client may still read answers; an upstream that leaves ends everything.
    private func sourceEnded(_ lane: RelayLane) {
        lane.hasEnded = true
        if let announced = core.policy.announcedEnd {
            settle(announced)
        } else if lane.direction == .serverToClient {
            end(.upstreamGone)
        } else if let server {
            server.shutdownWrite()
        } else {
            settle("the client closed the connection")
        }
    }

    private func lost(_ direction: Direction, _ error: TransportError) {
        if direction == .serverToClient { end(.upstreamGone) }
        settle("the \(direction.sender) was lost: \(error)")
    }

    /// Without a recording nothing goes on. The client learns why; these words alone are not recorded.
    private func fail(_ error: RecorderError) {
        guard ending == nil else { return }
        var last: [ProxyAction] = []
        core.end(.recordingFailed, into: &last)
        for case .reply(.client, let bytes, _) in last { try? client.send(bytes.span, position: 0) }
        tell(.error, "recording failed", .cause(error))
        settle("the recording could not go on: \(error)")
    }

    func settle(_ reason: String) {
        guard ending == nil else { return }
        ending = reason
        dialing?.cancel()
        closeQuestion()
        close()
    }

    /// What was forwarded, or said, still reaches its side.
    private func close() {
        client.drainThenClose()
        server?.drainThenClose()
    }
}
