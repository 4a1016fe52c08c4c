import Adapters
import Protocols
import Transport

/// Receives one HTTP client: encryption, and whether it is one of those who are served here. Where callers prove who they are
/// with each request, that of the first one decides whether a recording begins.
struct HTTPReception {
    let service: HTTPService
    let commons: HTTPCommons
    let client: Socket
    private let closed: FarewellCause?
    private var tls: TLSFacts?
    /// What the client has sent, and who looks for the first head in it.
    private var bytes: [UInt8] = []
    private var opening: HTTPDecoder
    private var head: HTTPRequestHead?

    /// Why the caller is not let in.
    private enum TurnedAway: Error {
        case told(HTTPReply)
        /// Nobody is left to be told.
        case gone(String)
    }

    init(_ service: HTTPService, _ commons: HTTPCommons, _ client: Socket, closed: FarewellCause?) {
        self.service = service
        self.commons = commons
        self.client = client
        self.closed = closed
        opening = HTTPDecoder(limits: commons.limits, pipelining: .waits)
    }

    nonisolated(nonsending) mutating func run() async -> Reception<HTTPEndpoint> {
        let timer = client.loop.schedule(after: commons.loginLimit) { [client] in client.close() }
        defer { timer.cancel() }
        do throws(TurnedAway) {
            if let closed { throw .told(HTTPReply(closed)) }
            let owner = await owner()
            if owner == nil, service.logins == nil {
                throw .told(HTTPReply(.stranger(served: service.owner?.name ?? "nobody")))
            }
            try await encrypt()
            switch service.targets {
            case .one(let upstream):
                guard let owner else { throw .told(HTTPReply(403, "nobody is let in here")) }
                var arrival = arrival(
                    owner, upstream.name, upstream, HTTPRoute(upstream, forwarded, commons.querySecrets))
                arrival.policy.directions = directions(to: upstream)
                return .arrived(arrival)
            case .routed(let targets): return .arrived(try await caller(targets, owner))
            }
        } catch {
            switch error {
            case .told(let reply): return turnAway(reply)
            case .gone(let reason): return .turnedAway(prologue(), reason: reason)
            }
        }
    }

    private var forwarded: HTTPForwarded {
        HTTPForwarded(for: client.remoteAddress, isEncrypted: tls != nil, proxies: service.proxies)
    }

    /// Where everything goes to one server, that is asked for by the names of this machine's own.
    private func directions(to upstream: HTTPUpstream) -> HTTPDirections {
        let target = HTTPTarget(upstream.name, upstream)
        let hosts = ["localhost", "127.0.0.1", "[::1]", client.localAddress.host]
        return HTTPDirections([target], hosts: hosts, origins: [], isEncrypted: tls != nil).staying(at: target)
    }

    private func turnAway(_ reply: HTTPReply) -> Reception<HTTPEndpoint> {
        var reply = reply
        reply.closes = true
        let words = reply.bytes(isHead: false)
        // Whoever has gone already needs no words.
        try? client.send(words.span)
        var prologue = prologue()
        prologue.said(words, at: client.loop.now)
        return .turnedAway(prologue, reason: reply.text)
    }

    /// What has been heard goes into the recording of those who are turned away, without what proves who they are.
    private func prologue() -> Prologue {
        var prologue = Prologue()
        guard !bytes.isEmpty else { return prologue }
        prologue.heard(
            bytes, secrets: head?.secrets(in: bytes.span, commons.querySecrets) ?? [0..<bytes.count], "not let in",
            at: client.loop.now
        )
        return prologue
    }

    private func arrival(
        _ identity: Identity, _ target: String, _ upstream: HTTPUpstream, _ route: HTTPRoute
    ) -> Arrival<HTTPEndpoint> {
        Arrival(
            identity: identity, target: target, tls: tls.map { "\($0.version) \($0.cipher)" }, purpose: upstream,
            prologue: Prologue(), rest: bytes, decoder: HTTPDecoder(limits: commons.limits, pipelining: .waits),
            policy: HTTPInterceptor(route, caller: identity))
    }
}

// MARK: Who is calling

extension HTTPReception {
    nonisolated(nonsending) private func owner() async -> Identity? {
        guard let owner = service.owner, await PeerOwner.uid(of: client, pool: commons.pool) == owner.uid else {
            return nil
        }
        return Identity(owner)
    }

    nonisolated(nonsending) private mutating func encrypt() async throws(TurnedAway) {
        guard let context = service.tls else { return }
        do throws(TransportError) { tls = try await client.startTLS(as: context, within: commons.loginLimit) } catch {
            throw .gone("no TLS with the client: \(error)")
        }
        // Without it, another protocol's client could be led here (ALPACA).
        guard tls?.applicationProtocol.map({ $0 == "http/1.1" }) ?? true else {
            throw .gone("it asked for another protocol than http/1.1")
        }
    }

    /// Whom the first request comes from, and where it goes.
    nonisolated(nonsending) private mutating func caller(
        _ targets: [HTTPTarget], _ owner: Identity?
    ) async throws(TurnedAway) -> Arrival<HTTPEndpoint> {
        let head = try await firstHead()
        let directions = HTTPDirections(
            targets, hosts: service.hosts, origins: service.origins, isEncrypted: tls != nil)
        let target: HTTPTarget
        do throws(HTTPObjection) { target = try directions.target(of: head, bytes.span) } catch {
            throw .told(error.reply)
        }
        var callers = RequestCallers(
            offer(at: target), owner: owner ?? certified(), isEncrypted: tls != nil)
        let identity = try await identity(of: head, &callers)
        guard target.admits(identity) else { throw .told(directions.nowhere(for: identity).reply) }
        let route = HTTPRoute(target, credential: try await credential(target), forwarded, commons.querySecrets)
        var arrival = arrival(identity, target.name, target.upstream, route)
        arrival.policy.callers = callers
        arrival.policy.directions = directions.staying(at: target)
        if let rules = service.rules {
            arrival.policy.judge = RequestJudge(
                rules, commons.sessions, commons.held, commons.streams, target: target.name,
                bodyLimit: commons.limits.statementBytes)
        }
        return arrival
    }

    private func offer(at target: HTTPTarget) -> HTTPOffer {
        let methods = service.logins?.methods ?? []
        let loop = client.loop
        return HTTPOffer(
            methods: methods.intersection([.jwt, .staticToken]),
            authorizationServers: methods.contains(.jwt) ? service.logins?.directory.issuers ?? [] : [],
            path: target.route.path, now: { loop.now.wallNanoseconds })
    }

    /// Whom the connection's certificate proves.
    private func certified() -> Identity? {
        guard let logins = service.logins, logins.methods.contains(.certificate), let tls, tls.isPeerVerified,
            let certificate = tls.peerCertificate?.client
        else { return nil }
        return try? logins.directory.store.identity(of: certificate, at: client.loop.now.wallNanoseconds)
    }

    nonisolated(nonsending) private func identity(
        of head: HTTPRequestHead, _ callers: inout RequestCallers
    ) async throws(TurnedAway) -> Identity {
        while true {
            switch callers.caller(of: head, bytes.span) {
            case .known(let identity): return identity
            case .answer(let answer, let reason): throw .told(HTTPReply(answer, reason))
            case .find(let token):
                guard let logins = service.logins else { throw .told(HTTPReply(403, "nobody is let in here")) }
                do throws(IdentityRefusal) {
                    callers.found(
                        .success(
                            try await logins.directory.identity(
                                presenting: token, accepting: logins.methods, on: client.loop)))
                } catch { callers.found(.failure(error)) }
            }
        }
    }

    /// What the gateway shows the server.
    nonisolated(nonsending) private func credential(_ target: HTTPTarget) async throws(TurnedAway) -> Secret? {
        guard let credential = target.credential else { return nil }
        do throws(FileUnusable) {
            return try await commons.pool.run { () throws(FileUnusable) in
                try credential.value { Environment[$0] }
            }
        } catch { throw .told(HTTPReply(503, "the gateway's own credential for \(target.name) is not to be had")) }
    }
}

// MARK: The first request

extension HTTPReception {
    /// Bounded by the decoder's own limits of heads.
    nonisolated(nonsending) private mutating func firstHead() async throws(TurnedAway) -> HTTPRequestHead {
        while true {
            try await read()
            let step: Step<HTTPMessage>
            let window = bytes
            do throws(WireFault) { step = try opening.step(window.span, .clientToServer) } catch {
                throw .told(HTTPReply(.fault(error)))
            }
            switch step {
            case .message(.request(let head), _), .head(.request(let head), _, _):
                self.head = head
                return head
            default: break
            }
        }
    }

    nonisolated(nonsending) private mutating func read() async throws(TurnedAway) {
        while true {
            await client.readable()
            do throws(TransportError) {
                var buffer = client.loop.lease()
                guard let count = try client.read(into: &buffer) else { continue }
                bytes.append(buffer.bytes)
                buffer.consume(buffer.count)
                if count > 0 { return }
            } catch {
                throw .gone(error == .closed ? "it asked for nothing in time" : "the client was lost: \(error)")
            }
            throw .gone("it left without asking for anything")
        }
    }
}
