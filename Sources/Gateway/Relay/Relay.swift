import Protocols
import Recorder
import Transport

/// One connection: two lanes over one proxy core, pinned to its loop.
///
/// A read goes through the core, into the journal and out to the other side without a suspension in between: what is not
/// appended is never sent. A lane stops reading while its destination's queue is above the mark, or the journal is full.
actor Relay<Peer: Endpoint>: Drainable {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the relay holds its loop for as long as it lives.
        unsafe loop.asUnownedSerialExecutor()
    }

    private let endpoint: Peer
    private let station: Station
    private let client: Socket
    private var server: Socket?
    private var core: ProxyCore<Peer.Decoder, Peer.Policy>
    private var tape: Tape
    private var actions: [ProxyAction] = []
    private var isDialing = false
    /// The connection ends as soon as it is at rest.
    private var isDraining = false
    /// Why the connection ends, once that is settled.
    private var ending: String?

    init(_ endpoint: Peer, client: Socket, recording: Recording, station: Station, limits: WireLimits) {
        loop = client.loop
        self.endpoint = endpoint
        self.station = station
        self.client = client
        core = ProxyCore(Peer.Decoder(limits: limits), endpoint.makePolicy())
        tape = Tape(recording)
    }

    /// Serves the connection to its end.
    func run() async {
        station.join(self, client)
        let opening = RelayLane(.clientToServer)
        await pump(opening)
        if isDialing {
            let dialed = await endpoint.dial(core.policy, on: loop)
            await relay(dialed, client: opening)
        }
        endpoint.ended(core.policy)
        tape.finish(ending ?? "both sides closed", at: loop.now)
        client.drainThenClose()
        server?.close()
        station.leave(self)
        station.dismiss(server)
    }

    /// Ends the connection now if it is at rest, else as soon as it comes to rest.
    func drain() {
        isDraining = true
        endIfAtRest()
    }

    /// Asks the connection to end, with words to the client where it can still read any.
    func end(_ cause: FarewellCause) {
        guard ending == nil else { return }
        var last: [ProxyAction] = []
        core.end(cause, into: &last)
        perform(last, Span(), .serverToClient)
    }

    private func endIfAtRest() {
        if core.policy.isAtRest { end(.draining) }
    }

    private func relay(_ dialed: Dialed, client opening: RelayLane) async {
        var head: [UInt8] = []
        switch dialed {
        case .connected(let socket, let verdict, let said, let notes):
            server = socket
            head = said
            station.admit(socket)
            core.dialed(verdict)
            remark(notes)
        case .ended(let verdict, _, let notes):
            core.dialed(verdict)
            remark(notes)
        }
        isDialing = false
        take(opening)
        if case .ended(_, let reason, _) = dialed { settle(reason) }
        guard ending == nil else { return }
        let rest = opening.takeAll()
        async let up: Void = pump(.clientToServer, after: rest)
        async let down: Void = pump(.serverToClient, after: head)
        _ = await (up, down)
    }

    private func pump(_ direction: Direction, after head: [UInt8]) async {
        let lane = RelayLane(direction, head: head)
        take(lane)
        await pump(lane)
    }

    /// Moves bytes of one direction until its source has no more, or the connection ends, or the upstream is to be dialed.
    private func pump(_ lane: RelayLane) async {
        guard let source = lane.direction == .clientToServer ? client : server else { return }
        while ending == nil, !isDialing {
            if let destination = lane.direction == .clientToServer ? server : client, destination.isAboveMark {
                await destination.belowMark()
            }
            await source.readable()
            if !station.lane.hasRoom { await station.room() }
            guard ending == nil else { return }
            do throws(TransportError) {
                guard let count = try lane.read(from: source) else { continue }
                if count == 0 { return sourceEnded(lane.direction) }
            } catch {
                return lost(lane.direction, error)
            }
            take(lane)
        }
    }

    /// Lets the core read what the lane holds, and does what it says.
    private func take(_ lane: RelayLane) {
        let direction = lane.direction
        lane.offer { window in
            let consumed = core.received(window, direction, into: &actions)
            let found = exchange(&actions, with: [])
            perform(found, window, direction)
            actions = found
            actions.removeAll(keepingCapacity: true)
            return consumed
        }
        if isDraining, direction == .serverToClient { endIfAtRest() }
    }
}

// MARK: Carrying out

extension Relay {
    private func perform(_ actions: [ProxyAction], _ window: Span<UInt8>, _ direction: Direction) {
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
        case .reply(let side, let bytes):
            send(bytes.span, to: side)
        case .withhold, .refused, .opaque:
            break
        case .dial:
            isDialing = true
        case .ask(let question):
            settle("nobody can answer the question of rule \(question.rule)")
        case .end(let reason):
            settle(reason)
        }
    }

    private func send(_ bytes: Span<UInt8>, to side: Side) {
        guard let socket = side == .client ? client : server else { return }
        do throws(TransportError) {
            try socket.send(bytes, position: tape.position)
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
    private func sourceEnded(_ direction: Direction) {
        if direction == .clientToServer, let server {
            server.shutdownWrite()
        } else if direction == .clientToServer {
            settle("the client closed the connection")
        } else {
            end(.upstreamGone)
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
        for case .reply(.client, let bytes) in last { try? client.send(bytes.span, position: 0) }
        settle("the recording could not go on: \(error)")
    }

    private func settle(_ reason: String) {
        guard ending == nil else { return }
        ending = reason
        client.drainThenClose()
        server?.close()
    }
}
