import Protocols
import Transport

/// What the listeners of a gateway share, for each protocol.
struct ServiceCommons: Sendable {
    var postgres: PostgresCommons
    var http: HTTPCommons

    init(_ configuration: GatewayConfiguration, _ pool: BlockingPool) {
        postgres = PostgresCommons(pool, limits: configuration.limits)
        http = HTTPCommons(pool, limits: configuration.limits)
        http.querySecrets = QuerySecrets(configuration.secretParameters)
        self = limited(as: configuration)
    }

    /// The same, with the limits of another configuration.
    func limited(as configuration: GatewayConfiguration) -> ServiceCommons {
        var new = self
        new.postgres.limits = configuration.limits
        new.postgres.loginLimit = configuration.loginLimit
        new.postgres.dialLimit = configuration.dialLimit
        new.http.limits = configuration.limits
        new.http.loginLimit = configuration.loginLimit
        new.http.dialLimit = configuration.dialLimit
        new.http.timeLimits = configuration.http
        return new
    }
}

extension GatewayConfiguration.Service {
    /// Whether it may be offered only where nobody but this machine's users come.
    var isForLoopbackOnly: Bool {
        switch self {
        case .postgres(let service): service.isForLoopbackOnly
        case .http(let service): service.isForLoopbackOnly
        }
    }

    /// Where callers may go, by the names in recordings.
    var targets: [String] {
        switch self {
        case .postgres(let service): service.targets.names
        case .http(let service): service.targets.names
        }
    }
}

/// One listener: where callers come in, and what is offered to them.
struct Entrance: Sendable {
    /// As configured; the acceptor knows the port that the kernel chose.
    let configured: SocketAddress
    let acceptor: Acceptor
    private let service: Current<GatewayConfiguration.Service>
    private let rejections: Rejections

    /// Listens, and serves callers from now on.
    init(
        _ listener: GatewayConfiguration.Listener, _ group: EventLoopGroup, _ gate: ConnectionGate,
        _ stations: [Station], _ commons: Current<ServiceCommons>
    ) throws(GatewayError) {
        guard listener.address.isLoopback || !listener.service.isForLoopbackOnly else {
            throw .notLoopback(listener.address)
        }
        configured = listener.address
        let service = Current(listener.service)
        self.service = service
        let rejections = Rejections(stations[0], listener: "\(listener.address)")
        self.rejections = rejections
        let stations = StationTable(stations)
        acceptor = try Self.listen(listener, group, gate) { client in
            switch service.value {
            case .postgres(let service):
                await Door(PostgresEndpoint(service, commons.value.postgres), stations, rejections).serve(client)
            case .http(let service):
                await Door(HTTPEndpoint(service, commons.value.http), stations, rejections).serve(client)
            }
        }
    }

    /// Where callers may go, by the names in recordings.
    var targets: [String] { service.value.targets }

    /// Offers this to whoever comes from now on.
    func offer(_ new: GatewayConfiguration.Service) { service.value = new }

    /// Seals the recording of those who were turned away.
    func finish() async { await rejections.finish() }

    private static func listen(
        _ listener: GatewayConfiguration.Listener, _ group: EventLoopGroup, _ gate: ConnectionGate,
        serve: @escaping @Sendable (Socket) async -> Void
    ) throws(GatewayError) -> Acceptor {
        do throws(TransportError) {
            return try Acceptor(on: listener.address, group: group, gate: gate, serve: serve)
        } catch {
            guard listener.mayMove, error.isAddressInUse, let free = listener.address.withPort(0) else {
                throw .listen(listener.address, error)
            }
            do throws(TransportError) {
                return try Acceptor(on: free, group: group, gate: gate, serve: serve)
            } catch {
                throw .listen(free, error)
            }
        }
    }
}
