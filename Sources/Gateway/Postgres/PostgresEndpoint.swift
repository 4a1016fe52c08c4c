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

    private let service: PostgresService
    private let commons: PostgresCommons

    private static let cancelLimit = Duration.seconds(5)

    init(_ service: PostgresService, _ commons: PostgresCommons) {
        self.service = service
        self.commons = commons
    }

    nonisolated(nonsending) func receive(
        _ client: Socket, closed: FarewellCause?
    ) async -> Reception<PostgresEndpoint> {
        var reception = PostgresReception(service, commons, client, closed: closed)
        return await reception.run()
    }

    func words(_ cause: FarewellCause) -> [UInt8] { PostgresFarewell.bytes(for: cause) }

    nonisolated(nonsending) func dial(
        _ purpose: PostgresPurpose, _ policy: PostgresInterceptor, on loop: EventLoop
    ) async -> Dialed {
        switch purpose {
        case .session(let request, let route): await open(request, route, policy, on: loop)
        case .cancel(let session): await cancel(session, on: loop)
        }
    }

    nonisolated(nonsending) func interrupt(_ policy: PostgresInterceptor, on loop: EventLoop) async {
        guard let key = policy.cancelKey else { return }
        let session = commons.cancels.session(for: key, at: loop.now.monotonicNanoseconds)
        _ = await cancel(session, on: loop)
    }

    func waits(_ policy: PostgresInterceptor, cancelled: (@Sendable () -> Void)?) {
        if let key = policy.cancelKey { commons.cancels.waits(key, cancelled: cancelled) }
    }

    func ended(_ policy: PostgresInterceptor) {
        if let key = policy.cancelKey { commons.cancels.remove(key) }
    }

    nonisolated(nonsending) private func open(
        _ request: PostgresStartupRequest, _ route: PostgresRoute, _ policy: PostgresInterceptor, on loop: EventLoop
    ) async -> Dialed {
        let upstream = route.upstream
        var opened: Socket?
        do throws(PostgresDial.Failure) {
            let password = try await password(upstream)
            let connection = try await upstream.open(on: loop, commons.resolver, within: commons.dialLimit)
            let socket = connection.socket
            opened = socket
            // A server that does not answer is given up: closing the socket ends the wait for it.
            let timer = loop.schedule(after: commons.dialLimit) { socket.close() }
            defer { timer.cancel() }
            var dial = PostgresDial(route, password: password, salts: commons.salts, limits: commons.limits)
            let session = try await socket.closedByCancelling { () async throws(PostgresDial.Failure) in
                try await dial.logIn(connection, for: request)
            }
            if let known = session.key, let key = policy.clientKey(known) { commons.cancels.add(known, for: key) }
            let encryption = connection.tls.map { ", \($0.version)" } ?? ""
            return .connected(
                socket, head: session.head,
                notes: ["connected to \(upstream.host) as \(upstream.user ?? "the caller")\(encryption)"])
        } catch {
            opened?.close()
            let farewell = PostgresDialFailure.farewell(error, upstream, within: commons.dialLimit)
            return .ended(words: farewell.bytes, reason: farewell.reason, notes: [])
        }
    }

    nonisolated(nonsending) private func password(
        _ upstream: PostgresUpstream
    ) async throws(PostgresDial.Failure) -> Secret? {
        switch upstream.password {
        case .none: return nil
        case .known(let password): return password
        case .configured(let credential):
            let result = await commons.pool.run {
                Result { () throws(FileUnusable) in try credential.password { Environment[$0] } }
            }
            do throws(FileUnusable) { return try result.get() } catch { throw .credential(error) }
        }
    }

    /// Sends the request on, and waits until the upstream has taken it: the caller's connection closes after that.
    nonisolated(nonsending) private func cancel(
        _ session: CancelRegistry.Session?, on loop: EventLoop
    ) async -> Dialed {
        guard let session else {
            return .ended(words: [], reason: "the cancel request names no session", notes: [])
        }
        if let cancelled = session.cancelled {
            cancelled()
            return .ended(words: [], reason: "the cancel request withdrew a question", notes: [])
        }
        let upstream = session.route.upstream
        do throws(PostgresDial.Failure) {
            let socket = try await upstream.open(on: loop, commons.resolver, within: Self.cancelLimit).socket
            let timer = loop.schedule(after: Self.cancelLimit) { socket.close() }
            defer { timer.cancel() }
            socket.release(upTo: .max)
            let request = PostgresEncoding.cancelRequest(processID: session.processID, key: session.key.bytes)
            do throws(TransportError) { try socket.send(request.span) } catch { throw .transport(error) }
            _ = await socket.hungUp()
            socket.close()
            return .ended(
                words: [], reason: "the cancel request was delivered",
                notes: ["cancelled what process \(session.processID) of \(upstream.host) was doing"])
        } catch {
            let reason = PostgresDialFailure.farewell(error, upstream, within: Self.cancelLimit).reason
            return .ended(words: [], reason: "the cancel request could not be delivered: \(reason)", notes: [])
        }
    }
}
