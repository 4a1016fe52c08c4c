import Adapters
import Protocols
import Recorder
import Transport

/// Lets callers in: only those of our own user, and only with a recording that has begun.
struct Door<Peer: Endpoint>: Sendable {
    private let endpoint: Peer
    private let stations: [ObjectIdentifier: Station]
    private let pool: BlockingPool
    private let owner = SystemUser.current

    init(_ endpoint: Peer, _ stations: [Station], _ pool: BlockingPool) {
        self.endpoint = endpoint
        self.stations = Dictionary(uniqueKeysWithValues: stations.map { (ObjectIdentifier($0.loop), $0) })
        self.pool = pool
    }

    /// Lets one connection begin, or refuses it. Runs on the socket's loop.
    func serve(_ client: Socket) async {
        guard let station = stations[ObjectIdentifier(client.loop)] else { return client.close() }
        guard await PeerOwner.uid(of: client, pool: pool) == owner.uid else {
            station.report("refused \(client.remoteAddress): it is not a connection of \(owner.name)'s")
            return await refuse(client, .stranger(served: owner.name))
        }
        guard !station.isDraining else { return await refuse(client, .draining) }
        if !station.lane.hasRoom { await station.room() }
        do throws(RecorderError) {
            let recording = try begin(client, station)
            await Relay(endpoint, client: client, recording: recording, station: station).open()
        } catch {
            station.report("refused \(client.remoteAddress): \(error)")
            await refuse(client, .recordingFailed)
        }
    }

    private func begin(_ client: Socket, _ station: Station) throws(RecorderError) -> Recording {
        let now = station.loop.now
        let facts = StartFacts(
            protocolID: Peer.protocolID, client: client.remoteAddress.description,
            listener: client.localAddress.description, target: endpoint.target,
            software: "\(Software.name) \(Software.version)", sessionNumber: 0, previousLedgerHash: [])
        let recording = try station.lane.begin(facts, at: now)
        let identity = Identity(subject: owner.name, method: "peer-uid", facts: ["uid": String(owner.uid)])
        try recording.identity(identity, at: now)
        return recording
    }

    private func refuse(_ client: Socket, _ cause: FarewellCause) async {
        var refusal = Refusal(client, cause, endpoint)
        await refusal.run()
    }
}
