import Adapters
import Protocols
import Transport

/// The Postgres side of the relay: receives callers, logs in to the upstream for each of them, and takes cancel requests where
/// they belong.
struct PostgresEndpoint: Endpoint {
    typealias Decoder = PostgresDecoder
    typealias Policy = PostgresInterceptor
    typealias Purpose = PostgresPurpose

    static var protocolID: ProtocolID { .postgres }

    private let service: Current<PostgresService>
    private let commons: PostgresCommons

    private static let cancelLimit = Duration.seconds(5)

    init(_ service: Current<PostgresService>, _ commons: PostgresCommons) {
        self.service = service
        self.commons = commons
    }

    nonisolated(nonsending) func receive(
        _ client: Socket, closed: FarewellCause?
    ) async -> Reception<PostgresEndpoint> {
        var reception = PostgresReception(service.value, commons, client, closed: closed)
        return await reception.run()
    }

    func words(_ cause: FarewellCause) -> [UInt8] { PostgresFarewell.bytes(for: cause) }

    nonisolated(nonsending) func dial(
        _ purpose: PostgresPurpose, _ policy: PostgresInterceptor, on loop: EventLoop
    ) async -> Dialed {
        switch purpose {
        case .session(let request, let upstream): await open(request, upstream, policy, on: loop)
        case .cancel(let key): await cancel(key, on: loop)
        }
    }

    nonisolated(nonsending) func interrupt(_ policy: PostgresInterceptor, on loop: EventLoop) async {
        if let key = policy.cancelKey { _ = await cancel(key, on: loop) }
    }

    func waits(_ policy: PostgresInterceptor, cancelled: (@Sendable () -> Void)?) {
        if let key = policy.cancelKey { commons.cancels.waits(key, cancelled: cancelled) }
    }

    func ended(_ policy: PostgresInterceptor) {
        if let key = policy.cancelKey { commons.cancels.remove(key) }
    }

    nonisolated(nonsending) private func open(
        _ request: PostgresStartupRequest, _ upstream: PostgresUpstream, _ policy: PostgresInterceptor,
        on loop: EventLoop
    ) async -> Dialed {
        var opened: Socket?
        do throws(PostgresDial.Failure) {
            let socket = try await connect(upstream, on: loop)
            opened = socket
            // A server that does not answer is given up: closing the socket ends the wait for it.
            let timer = loop.schedule(after: commons.dialLimit) { socket.close() }
            defer { timer.cancel() }
            var dial = PostgresDial(upstream, salts: commons.salts, limits: commons.limits)
            let session = try await dial.logIn(socket, for: request)
            if let known = session.key, let key = policy.clientKey(known) { commons.cancels.add(known, for: key) }
            return .connected(
                socket, head: session.head,
                notes: ["connected to \(upstream.host) as \(upstream.user ?? "the caller")"])
        } catch {
            opened?.close()
            let farewell = PostgresDialFailure.farewell(error, upstream, within: commons.dialLimit)
            return .ended(words: farewell.bytes, reason: farewell.reason, notes: [])
        }
    }

    nonisolated(nonsending) private func connect(
        _ upstream: PostgresUpstream, on loop: EventLoop
    ) async throws(PostgresDial.Failure) -> Socket {
        do throws(TransportError) {
            return try await upstream.connect(on: loop, commons.resolver, within: commons.dialLimit)
        } catch {
            throw .transport(error)
        }
    }

    /// Sends the request on, and waits until the upstream has taken it: the caller's connection closes after that.
    nonisolated(nonsending) private func cancel(_ key: CancelKey, on loop: EventLoop) async -> Dialed {
        guard let session = commons.cancels.session(for: key, at: loop.now.monotonicNanoseconds) else {
            return .ended(words: [], reason: "the cancel request names no session", notes: [])
        }
        if let cancelled = session.cancelled {
            cancelled()
            return .ended(words: [], reason: "the cancel request withdrew a question", notes: [])
        }
        do throws(TransportError) {
            let socket = try await session.upstream.connect(on: loop, commons.resolver, within: Self.cancelLimit)
            let timer = loop.schedule(after: Self.cancelLimit) { socket.close() }
            defer { timer.cancel() }
            socket.release(upTo: .max)
            let request = PostgresEncoding.cancelRequest(processID: session.processID, key: session.key.bytes)
            try socket.send(request.span)
            _ = await socket.hungUp()
            socket.close()
            return .ended(
                words: [], reason: "the cancel request was delivered",
                notes: ["cancelled what process \(session.processID) of \(session.upstream.host) was doing"])
        } catch {
            return .ended(words: [], reason: "the cancel request could not be delivered: \(error)", notes: [])
        }
    }
}
