import Adapters
import Protocols
import Transport

/// The Postgres side of the relay: logs in to the upstream for each caller, and takes cancel requests where they belong.
struct PostgresEndpoint: Endpoint {
    static var protocolID: ProtocolID { .postgres }

    let upstream: PostgresUpstream
    private let limits: WireLimits
    private let cancels = CancelRegistry()
    private let resolver: Resolver
    private let salts: SaltCache

    /// How long connecting may take, and then logging in.
    private let dialLimit: Duration

    private static let cancelLimit = Duration.seconds(5)

    init(
        _ upstream: PostgresUpstream, limits: WireLimits, resolver: Resolver, pool: BlockingPool,
        dialLimit: Duration = .seconds(10)
    ) {
        self.upstream = upstream
        self.limits = limits
        self.resolver = resolver
        self.dialLimit = dialLimit
        salts = SaltCache(pool)
    }

    var target: String { upstream.name }

    func refusal(_ cause: FarewellCause) -> [UInt8] { PostgresFarewell.bytes(for: cause) }

    func makeDecoder() -> PostgresDecoder { PostgresDecoder(limits: limits) }

    func makePolicy() -> PostgresInterceptor { PostgresInterceptor(keySource: SystemRandom.bytes(32)) }

    nonisolated(nonsending) func dial(_ policy: PostgresInterceptor, on loop: EventLoop) async -> Dialed {
        switch policy.opening {
        case .session(let request): await open(request, policy, on: loop)
        case .cancel(let key): await cancel(key, on: loop)
        case nil:
            .ended(.swallow(secrets: [], reason: "nothing to dial for"), reason: "nothing was asked for", notes: [])
        }
    }

    func ended(_ policy: PostgresInterceptor) {
        if let key = policy.cancelKey { cancels.remove(key) }
    }

    nonisolated(nonsending) private func open(
        _ request: PostgresStartupRequest, _ policy: PostgresInterceptor, on loop: EventLoop
    ) async -> Dialed {
        var opened: Socket?
        do throws(PostgresDial.Failure) {
            let socket = try await connect(on: loop)
            opened = socket
            // A server that does not answer is given up: closing the socket ends the wait for it.
            let timer = loop.schedule(after: dialLimit) { socket.close() }
            defer { timer.cancel() }
            var dial = PostgresDial(upstream, salts: salts, limits: limits)
            let session = try await dial.logIn(socket, for: request)
            if let known = session.key, let key = policy.clientKey(known) { cancels.add(known, for: key) }
            return .connected(
                socket, verdict: .swallow(secrets: [], reason: "the gateway logs in to the upstream by itself"),
                head: session.head, notes: ["connected to \(upstream.host) as \(upstream.user ?? "the caller")"])
        } catch {
            opened?.close()
            let farewell = PostgresDialFailure.farewell(error, upstream, within: dialLimit)
            return .ended(
                .end(farewell: farewell.bytes, reason: farewell.reason), reason: farewell.reason, notes: [])
        }
    }

    nonisolated(nonsending) private func connect(on loop: EventLoop) async throws(PostgresDial.Failure) -> Socket {
        do throws(TransportError) {
            return try await upstream.connect(on: loop, resolver, within: dialLimit)
        } catch {
            throw .transport(error)
        }
    }

    /// Sends the request on, and waits until the upstream has taken it: the caller's connection closes after that.
    nonisolated(nonsending) private func cancel(_ key: CancelKey, on loop: EventLoop) async -> Dialed {
        let verdict = Verdict.swallow(secrets: [CancelKey.place(of: key)], reason: "cancel request")
        guard let session = cancels.session(for: key, at: loop.now.monotonicNanoseconds) else {
            return .ended(verdict, reason: "the cancel request names no session", notes: [])
        }
        do throws(TransportError) {
            let socket = try await session.upstream.connect(on: loop, resolver, within: Self.cancelLimit)
            let timer = loop.schedule(after: Self.cancelLimit) { socket.close() }
            defer { timer.cancel() }
            socket.release(upTo: .max)
            let request = PostgresEncoding.cancelRequest(processID: session.processID, key: session.key.bytes)
            try socket.send(request.span)
            _ = await socket.hungUp()
            socket.close()
            return .ended(
                verdict, reason: "the cancel request was delivered",
                notes: ["cancelled what process \(session.processID) of \(session.upstream.host) was doing"])
        } catch {
            return .ended(verdict, reason: "the cancel request could not be delivered: \(error)", notes: [])
        }
    }
}
