public import Protocols
public import Recorder
public import Transport

/// What a gateway listens on, what it offers there, and where it records.
public struct GatewayConfiguration: Sendable {
    public struct Listener: Sendable {
        /// Port 0 lets the kernel choose.
        public var address: SocketAddress
        /// Whether another port will do when that one is taken.
        public var mayMove = false
        public var service: Service

        public init(_ address: SocketAddress, _ service: Service) {
            self.address = address
            self.service = service
        }

        public init(_ address: SocketAddress, _ service: PostgresService) {
            self.init(address, .postgres(service))
        }

        public init(_ address: SocketAddress, _ service: HTTPService) { self.init(address, .http(service)) }
    }

    /// What one listener offers: one protocol.
    public enum Service: Sendable {
        case postgres(PostgresService)
        case http(HTTPService)
    }

    public var listeners: [Listener]
    public var recorder: RecorderConfiguration
    /// Who may log in, where a listener's service asks for logins; `nil` where the settings come from no file.
    public var identities: IdentityDirectory?
    /// What callers may do, where a listener's service has a book of rules.
    public var policy = RuleSet()
    /// The path of the control socket; `nil` for control.sock in the state folder.
    public var controlSocket: String?
    /// Where health and metrics are told, to whoever asks; `nil` for nowhere.
    public var metrics: SocketAddress?
    /// The file that this comes from; `nil` where there is none.
    public var source: String?
    /// Reads the settings again, for whoever asks over the control socket; tells which sections wait for the next start.
    public var reload: @Sendable (ControlActor) async throws(ControlFault) -> [String] = { (_) throws(ControlFault) in
        throw ControlFault(.notReloaded, "this gateway was started without a configuration")
    }
    /// How many connections there may be at once; those beyond wait in the kernel's backlog.
    public var connectionsMaximum = 10_000
    /// From accepting a connection to knowing who calls.
    public var loginLimit = Duration.seconds(10)
    /// How long connecting to an upstream may take, and then logging in.
    public var dialLimit = Duration.seconds(10)
    /// How long connections with work under way may go on while the gateway shuts down.
    public var drainLimit = Duration.seconds(10)
    public var limits = WireLimits()
    public var http = HTTPTimeLimits()
    /// Names of parameters in queries of HTTP whose values no recording holds, besides the usual ones.
    public var secretParameters: [String] = []
    /// What whoever runs the gateway should read.
    public var log = Log(.text, to: { _ in })

    /// - Parameter recorder: its lanes become the gateway's event loops.
    public init(_ listeners: [Listener], recorder: RecorderConfiguration) {
        self.listeners = listeners
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
