import Protocols
import Transport

extension HTTPUpstream {
    /// Connects and, for https, encrypts.
    ///
    /// - Parameter limit: for connecting, and then for the handshake.
    nonisolated(nonsending) func open(
        on loop: EventLoop, _ resolver: Resolver, within limit: Duration
    ) async throws(TransportError) -> (Socket, TLSFacts?) {
        let addresses = try await resolver.addresses(of: host, port: port)
        let socket = try await Socket.connect(toFirstOf: addresses, on: loop, within: limit)
        guard let tls else { return (socket, nil) }
        do throws(TransportError) {
            let facts = try await socket.closedByCancelling { () async throws(TransportError) in
                try await socket.startTLS(to: host, with: tls, within: limit)
            }
            return (socket, facts)
        } catch {
            socket.drainThenClose()
            throw error
        }
    }

    func failure(_ error: TransportError) -> UpstreamFailure {
        UpstreamFailure("the upstream \(name) cannot be reached: \(error)", isTimeout: error == .timedOut)
    }
}
