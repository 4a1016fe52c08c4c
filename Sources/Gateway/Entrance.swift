import Transport

/// One listener: where callers come in, and what is offered to them.
struct Entrance: Sendable {
    /// As configured; the acceptor knows the port that the kernel chose.
    let configured: SocketAddress
    let acceptor: Acceptor
    private let service: Current<PostgresService>
    private let rejections: Rejections

    /// Listens, and serves callers from now on.
    init(
        _ listener: GatewayConfiguration.Listener, _ group: EventLoopGroup, _ gate: ConnectionGate,
        _ stations: [Station],
        _ postgres: PostgresCommons
    ) throws(GatewayError) {
        guard listener.address.isLoopback || !listener.service.isForLoopbackOnly else {
            throw .notLoopback(listener.address)
        }
        configured = listener.address
        let service = Current(listener.service)
        self.service = service
        let rejections = Rejections(stations[0], listener: "\(listener.address)")
        let door = Door(PostgresEndpoint(service, postgres), stations, rejections)
        self.rejections = rejections
        acceptor = try Self.listen(listener, group, gate) { await door.serve($0) }
    }

    /// Where callers may go, by the names in recordings.
    var targets: [String] { service.value.targets.names }

    /// Offers this to whoever comes from now on.
    func offer(_ new: PostgresService) { service.value = new }

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
