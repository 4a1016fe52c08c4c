import Protocols
import Recorder
import Transport

/// The station of each loop.
struct StationTable: Sendable {
    private let stations: [ObjectIdentifier: Station]

    init(_ stations: [Station]) {
        self.stations = Dictionary(uniqueKeysWithValues: stations.map { (ObjectIdentifier($0.loop), $0) })
    }

    subscript(loop: EventLoop) -> Station? { stations[ObjectIdentifier(loop)] }
}

/// Lets callers in: only those whom the endpoint knows, and only with a recording that has begun.
struct Door<Peer: Endpoint>: Sendable {
    private let endpoint: Peer
    private let stations: StationTable
    private let rejections: Rejections

    init(_ endpoint: Peer, _ stations: StationTable, _ rejections: Rejections) {
        self.endpoint = endpoint
        self.rejections = rejections
        self.stations = stations
    }

    /// Serves one connection, or turns it away. Runs on the socket's loop.
    func serve(_ client: Socket) async {
        guard let station = stations[client.loop] else { return client.close() }
        switch await endpoint.receive(client, closed: station.isDraining ? .draining : nil) {
        case .turnedAway(let prologue, let reason):
            station.counters.refused.add()
            station.log.warning("caller turned away", .client(client.remoteAddress), .reason(reason))
            if !station.isDraining { rejections.add(client.remoteAddress, prologue, reason: reason) }
            client.drainThenClose()
        case .arrived(let arrival):
            await admit(arrival, client, station)
        }
    }

    private func admit(_ arrival: Arrival<Peer>, _ client: Socket, _ station: Station) async {
        if !station.lane.hasRoom { await station.room() }
        do throws(RecorderError) {
            let tape = try begin(arrival, client, station)
            station.counters.accepted.add()
            await Relay(endpoint, arrival, client: client, tape: tape, station: station).open()
        } catch {
            station.counters.refused.add()
            station.log.error("caller turned away", .client(client.remoteAddress), .cause(error))
            // Whoever has gone already needs no words.
            try? client.send(endpoint.words(.recordingFailed).span)
            client.drainThenClose()
        }
    }

    private func begin(_ arrival: Arrival<Peer>, _ client: Socket, _ station: Station) throws(RecorderError) -> Tape {
        let now = station.loop.now
        let facts = StartFacts(
            protocolID: Peer.protocolID, client: client.remoteAddress.description,
            listener: client.localAddress.description, target: arrival.target, tls: arrival.tls,
            software: "\(Software.name) \(Software.version)", sessionNumber: 0, previousLedgerHash: [])
        let recording = try station.lane.begin(facts, at: now)
        var tape = Tape(recording)
        do throws(RecorderError) {
            try recording.identity(arrival.identity, at: now)
            for step in arrival.prologue.steps {
                try tape.record(step.action, step.window.span, .clientToServer, at: step.time)
            }
        } catch {
            tape.finish("the recording could not go on: \(error)", at: now)
            throw error
        }
        return tape
    }
}
