import Adapters
import Protocols
import Transport

/// Receives one HTTP client: encryption, and whether it is one of those who are served here.
struct HTTPReception {
    let service: HTTPService
    let commons: HTTPCommons
    let client: Socket
    private let closed: FarewellCause?

    init(_ service: HTTPService, _ commons: HTTPCommons, _ client: Socket, closed: FarewellCause?) {
        self.service = service
        self.commons = commons
        self.client = client
        self.closed = closed
    }

    nonisolated(nonsending) func run() async -> Reception<HTTPEndpoint> {
        if let closed { return turnAway(closed) }
        guard let owner = service.owner, await PeerOwner.uid(of: client, pool: commons.pool) == owner.uid else {
            return turnAway(.stranger(served: service.owner?.name ?? "nobody"))
        }
        var facts: TLSFacts?
        if let tls = service.tls {
            do throws(TransportError) { facts = try await client.startTLS(as: tls, within: commons.loginLimit) } catch {
                return .turnedAway(Prologue(), reason: "no TLS with the client: \(error)")
            }
        }
        return .arrived(arrival(Identity(owner), facts))
    }

    private func turnAway(_ cause: FarewellCause) -> Reception<HTTPEndpoint> {
        // Whoever has gone already needs no words.
        try? client.send(HTTPReply(cause).bytes(isHead: false).span)
        return .turnedAway(Prologue(), reason: cause.reason)
    }

    private func arrival(_ identity: Identity, _ tls: TLSFacts?) -> Arrival<HTTPEndpoint> {
        Arrival(
            identity: identity, target: service.target, tls: tls.map { "\($0.version) \($0.cipher)" },
            purpose: service.upstream, prologue: Prologue(), rest: [],
            decoder: HTTPDecoder(limits: commons.limits, pipelining: .waits),
            policy: HTTPInterceptor(HTTPRoute(service.upstream), caller: identity))
    }
}
