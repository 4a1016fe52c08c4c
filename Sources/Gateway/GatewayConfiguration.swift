public import Protocols
public import Recorder
public import Transport

/// One listener before one PostgreSQL server.
public struct GatewayConfiguration: Sendable {
    public var upstream: PostgresUpstream
    /// On loopback; port 0 lets the kernel choose.
    public var listen: SocketAddress
    /// Whether another port will do when that of `listen` is taken.
    public var mayMove = false
    public var recorder: RecorderConfiguration
    /// How many connections there may be at once; those beyond wait in the kernel's backlog.
    public var connectionsMaximum = 10_000
    /// How long connections with work under way may go on while the gateway shuts down.
    public var drainLimit = Duration.seconds(10)
    public var limits = WireLimits()
    /// Takes one line that whoever runs the gateway should read. May be called on any thread.
    public var log: @Sendable (String) -> Void = { _ in }

    /// - Parameter recorder: its lanes become the gateway's event loops.
    public init(_ upstream: PostgresUpstream, listen: SocketAddress, recorder: RecorderConfiguration) {
        self.upstream = upstream
        self.listen = listen
        self.recorder = recorder
    }
}

/// Why a gateway does not start.
public enum GatewayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Without configured authentication, only this machine's own loopback is listened on.
    case notLoopback(SocketAddress)
    case listen(SocketAddress, TransportError)
    case recorder(RecorderError)

    public var description: String {
        switch self {
        case .notLoopback(let address): "\(address) is not a loopback address"
        case .listen(let address, let error): "cannot listen on \(address): \(error)"
        case .recorder(let error): error.description
        }
    }
}
