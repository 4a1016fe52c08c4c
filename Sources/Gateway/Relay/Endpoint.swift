import Protocols
import Transport

/// What one protocol brings to the common relay: how callers are received, a decoder, an interceptor, and the way to an
/// upstream.
protocol Endpoint: Sendable {
    associatedtype Decoder: WireDecoder
    associatedtype Policy: Interceptor where Policy.Message == Decoder.Message
    /// What a caller came for.
    associatedtype Purpose: Sendable

    static var protocolID: ProtocolID { get }

    /// Whether the upstream is reached before anything is relayed; else when the policy asks for it, as often as it does.
    static var dialsFirst: Bool { get }

    /// Finds out who is calling and what for, within bounds of bytes and time. Runs on the socket's loop; a caller who is
    /// turned away has its words queued when this returns.
    ///
    /// - Parameter closed: why nobody is let in now; `nil` when callers are welcome.
    nonisolated(nonsending) func receive(_ client: Socket, closed: FarewellCause?) async -> Reception<Self>

    /// Last words to a caller who was received and cannot be served.
    func words(_ cause: FarewellCause) -> [UInt8]

    /// Reaches the upstream for the caller's purpose, or gives up when the task is cancelled. Runs on the connection's loop.
    nonisolated(nonsending) func dial(_ purpose: Purpose, _ policy: Policy, on loop: EventLoop) async -> Dialed

    /// Whom the credential of the request proves that waits for it. Runs on the connection's loop.
    nonisolated(nonsending) func identity(
        _ policy: Policy, on loop: EventLoop
    ) async throws(IdentityRefusal) -> Identity

    /// Under which key a connection to the upstream may serve others, once nothing is under way on it; `nil`: nobody else.
    func poolKey(_ purpose: Purpose, _ policy: Policy) -> UpstreamPool.Key?

    /// The connection is ended from our side with work under way: the upstream is told to give that up, where the protocol
    /// can say so. Runs on the connection's loop.
    nonisolated(nonsending) func interrupt(_ policy: Policy, on loop: EventLoop) async

    /// A request waits for a person's answer. Until this is called with `nil`, whoever cancels the connection's work calls
    /// `cancelled`, on any thread, instead of reaching the upstream, which knows nothing of the request.
    func waits(_ policy: Policy, cancelled: (@Sendable () -> Void)?)

    /// The connection begins. Whoever calls `say`, on any thread, has the client told that, as the policy frames it.
    func begins(_ policy: inout Policy, say: @escaping @Sendable ([UInt8]) -> Void)

    /// The connection has ended; whatever was kept for it goes.
    func ended(_ policy: Policy)
}

extension Endpoint {
    static var dialsFirst: Bool { true }
    nonisolated(nonsending) func identity(
        _ policy: Policy, on loop: EventLoop
    ) async throws(IdentityRefusal) -> Identity { throw .unknownUser }
    func poolKey(_ purpose: Purpose, _ policy: Policy) -> UpstreamPool.Key? { nil }
    nonisolated(nonsending) func interrupt(_ policy: Policy, on loop: EventLoop) async {}
    func waits(_ policy: Policy, cancelled: (@Sendable () -> Void)?) {}
    func begins(_ policy: inout Policy, say: @escaping @Sendable ([UInt8]) -> Void) {}
    func ended(_ policy: Policy) {}
}
