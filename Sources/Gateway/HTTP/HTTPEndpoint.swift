import Adapters
import Protocols
import Transport

/// The HTTP side of the relay: receives callers, and reaches the upstream when a request needs it.
struct HTTPEndpoint: Endpoint {
    typealias Decoder = HTTPDecoder
    typealias Policy = HTTPInterceptor
    typealias Purpose = HTTPUpstream

    static var protocolID: ProtocolID { .http }
    static var dialsFirst: Bool { false }

    private let service: HTTPService
    private let commons: HTTPCommons

    init(_ service: HTTPService, _ commons: HTTPCommons) {
        self.service = service
        self.commons = commons
    }

    nonisolated(nonsending) func receive(_ client: Socket, closed: FarewellCause?) async -> Reception<HTTPEndpoint> {
        var reception = HTTPReception(service, commons, client, closed: closed)
        let outcome = await reception.run()
        guard case .arrived(var arrival) = outcome else { return outcome }
        arrival.policy.timeLimits = commons.timeLimits
        return .arrived(arrival)
    }

    func words(_ cause: FarewellCause) -> [UInt8] { HTTPReply(cause).bytes(isHead: false) }

    nonisolated(nonsending) func dial(
        _ upstream: HTTPUpstream, _ policy: HTTPInterceptor, on loop: EventLoop
    ) async -> Dialed {
        do throws(TransportError) {
            let (socket, tls) = try await upstream.open(on: loop, commons.resolver, within: commons.dialLimit)
            let encryption = tls.map { ", \($0.version)" } ?? ""
            return .connected(socket, head: [], notes: ["connected to \(upstream.name)\(encryption)"])
        } catch {
            return .failed(upstream.failure(error))
        }
    }

    nonisolated(nonsending) func identity(
        _ policy: HTTPInterceptor, on loop: EventLoop
    ) async throws(IdentityRefusal) -> Identity {
        guard let logins = service.logins, let credential = policy.credential else { throw .unknownToken }
        return try await logins.directory.identity(presenting: credential, accepting: logins.methods, on: loop)
    }

    func begins(_ policy: inout HTTPInterceptor, say: @escaping @Sendable ([UInt8]) -> Void) {
        policy.judge?.say = say
    }

    func ended(_ policy: HTTPInterceptor) {
        if let session = policy.judge?.opened { commons.streams.close(session) }
    }

    func waits(_ policy: HTTPInterceptor, cancelled: (@Sendable () -> Void)?) {
        let calls = policy.judge?.asked ?? []
        if let cancelled, let call = calls.last { return commons.held.waits(call, cancelled: cancelled) }
        for call in calls { commons.held.waits(call, cancelled: nil) }
    }

    func poolKey(_ upstream: HTTPUpstream, _ policy: HTTPInterceptor) -> UpstreamPool.Key? {
        UpstreamPool.Key(
            target: upstream.name, caller: policy.route.credentials.isEmpty ? nil : policy.caller.principal)
    }
}

extension ProtocolID {
    static let http = ProtocolID(rawValue: "http")
}
