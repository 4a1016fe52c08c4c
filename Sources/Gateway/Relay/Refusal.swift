import Protocols
import Transport

/// A caller who is not let in, and is told so.
///
/// The words come when the caller has asked for something: before that, clients expect none (libpq takes an error in place of
/// the answer to its SSLRequest for an attack, CVE-2024-10977). Nothing is recorded, and little is read.
struct Refusal<Peer: Endpoint> {
    private let client: Socket
    private let words: [UInt8]
    private var core: ProxyCore<Peer.Decoder, Peer.Policy>
    private var actions: [ProxyAction] = []

    /// Bytes that a caller may take to ask.
    private static var patienceBytes: Int { 16 << 10 }
    private static var patience: Duration { .seconds(5) }

    init(_ client: Socket, _ cause: FarewellCause, _ endpoint: Peer) {
        self.client = client
        words = endpoint.refusal(cause)
        core = ProxyCore(endpoint.makeDecoder(), endpoint.makePolicy())
    }

    /// Returns when the words are on their way, or nobody is left to read them.
    nonisolated(nonsending) mutating func run() async {
        client.release(upTo: .max)
        let timer = client.loop.schedule(after: Self.patience) { [client] in client.close() }
        defer { timer.cancel() }
        // Whoever has gone already needs no words.
        do throws(TransportError) { try await answer() } catch { return client.close() }
        client.drainThenClose()
    }

    private nonisolated(nonsending) mutating func answer() async throws(TransportError) {
        let lane = RelayLane(.clientToServer)
        var patience = Self.patienceBytes
        while patience > 0 {
            await client.readable()
            guard let count = try lane.read(from: client) else { continue }
            guard count > 0 else { return }
            patience -= count
            lane.offer { core.received($0, .clientToServer, into: &actions) }
            for action in exchange(&actions, with: []) {
                switch action {
                case .reply(.client, let bytes): try client.send(bytes.span)
                case .dial: return try client.send(words.span)
                case .end: return
                default: break
                }
            }
        }
    }
}
