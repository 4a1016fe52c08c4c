import Protocols
public import Transport

/// What the monitoring listener tells. Called on an event loop.
public protocol MetricsSource: Sendable {
    /// Whether the process does its work at all; if not, it should be started again.
    func isAlive() async -> Bool

    /// Why no connection should be sent here now; none when it is ready. One clause each.
    func obstacles() async -> [String]

    func metrics() async -> [MetricFamily]
}

/// `/healthz`, `/readyz` and `/metrics` over HTTP/1.1, on a listener of their own. Nothing can be changed here, and what
/// is told names no caller, no statement and no address.
public final class MetricsServer: Sendable {
    /// Connections at once; a scraper and some probes need fewer.
    private static let connectionsMaximum = 16

    private let acceptor: Acceptor

    public var address: SocketAddress { acceptor.address }

    /// - Parameter address: there is no authentication, so anything but loopback must have been asked for.
    public init(
        on address: SocketAddress, group: EventLoopGroup, source: any MetricsSource
    ) throws(TransportError) {
        let gate = ConnectionGate(limit: Self.connectionsMaximum)
        acceptor = try Acceptor(on: address, group: group, gate: gate, backlog: 16) { socket in
            await MetricsConnection(socket, source).serve()
        }
    }

    /// Stops listening; requests that have come are still answered.
    public func stop() { acceptor.stop() }
}

/// One request and its answer. Runs on the socket's loop.
private struct MetricsConnection {
    private let socket: Socket
    private let source: any MetricsSource

    /// From the connection's begin to its end.
    private static let limit = Duration.seconds(5)

    init(_ socket: Socket, _ source: any MetricsSource) {
        self.socket = socket
        self.source = source
    }

    func serve() async {
        let timer = socket.loop.schedule(after: Self.limit) { [socket] in socket.close() }
        defer { timer.cancel() }
        // A peer that is gone, or too slow, needs no answer.
        do throws(TransportError) {
            switch try await request() {
            case .request(let request): try socket.send(await answer(request).encoded(hasBody: !request.isHead).span)
            case .refused(let status): try socket.send(HTTPResponse(status).encoded(hasBody: true).span)
            case .needsMore: break
            }
            socket.drainThenClose(within: Self.limit)
        } catch { socket.close() }
    }

    /// Reads until the head is whole, or cannot become so.
    private func request() async throws(TransportError) -> MonitoringRequest.Parsed {
        var bytes: [UInt8] = []
        while true {
            await socket.readable()
            var buffer = socket.loop.lease()
            guard let count = try socket.read(into: &buffer) else { continue }
            bytes.append(buffer.bytes)
            let parsed = MonitoringRequest.parse(bytes.span)
            if parsed != .needsMore || count == 0 { return parsed }
        }
    }

    private func answer(_ request: MonitoringRequest) async -> HTTPResponse {
        guard !socket.localAddress.isLoopback || request.namesLoopback else { return HTTPResponse(.misdirectedRequest) }
        switch request.path {
        case "/healthz": return HTTPResponse(await source.isAlive() ? .ok : .serviceUnavailable)
        case "/readyz":
            let obstacles = await source.obstacles()
            guard !obstacles.isEmpty else { return HTTPResponse(.ok) }
            let lines = obstacles.map { DisplayText.line($0) + "\n" }
            return HTTPResponse(.serviceUnavailable, lines.joined())
        case "/metrics":
            var response = HTTPResponse(.ok, PrometheusText.encode(await source.metrics()))
            response.contentType = PrometheusText.contentType
            return response
        default: return HTTPResponse(.notFound)
        }
    }
}
