import Protocols
import Transport

extension PostgresUpstream {
    /// A connection to the server on which nothing of the session has been said.
    struct Connection: Sendable {
        var socket: Socket
        /// What the handshake has settled; `nil` in plain text.
        var tls: TLSFacts?
    }

    /// Connects and, where that is configured, encrypts (manual §55.2.11); a server that declines is given up.
    ///
    /// - Parameter limit: for connecting, and then for the handshake.
    nonisolated(nonsending) func open(
        on loop: EventLoop, _ resolver: Resolver, within limit: Duration
    ) async throws(PostgresDial.Failure) -> Connection {
        let socket: Socket
        do throws(TransportError) { socket = try await connect(on: loop, resolver, within: limit) } catch {
            throw .transport(error)
        }
        guard let tls else { return Connection(socket: socket) }
        do throws(PostgresDial.Failure) {
            return try await socket.closedByCancelling { () async throws(PostgresDial.Failure) in
                try await askForTLS(socket, within: limit)
                return Connection(socket: socket, tls: try await handshake(socket, tls, within: limit))
            }
        } catch {
            socket.drainThenClose()
            throw error
        }
    }

    private nonisolated(nonsending) func askForTLS(
        _ socket: Socket, within limit: Duration
    ) async throws(PostgresDial.Failure) {
        let timer = socket.loop.schedule(after: limit) { socket.close() }
        defer { timer.cancel() }
        let answer: [UInt8]
        do throws(TransportError) {
            try socket.send(PostgresEncoding.sslRequest().span)
            answer = try await read(socket)
        } catch {
            throw error == .closed ? .silent : .transport(error)
        }
        switch answer {
        case []: throw .closed
        case [UInt8(ascii: "S")]: return
        case [UInt8(ascii: "N")]: throw .withoutTLS
        default:
            // More than the one byte would be read as if it had come encrypted (CVE-2021-23222).
            throw .fault(WireFault(.malformed, "a wrong reply to an encryption request", .serverToClient))
        }
    }

    private nonisolated(nonsending) func handshake(
        _ socket: Socket, _ tls: TLS, within limit: Duration
    ) async throws(PostgresDial.Failure) -> TLSFacts {
        do throws(TransportError) {
            return try await socket.startTLS(to: tls.host, with: tls.context, within: limit)
        } catch {
            throw .transport(error)
        }
    }

    /// What comes next; nothing at the end.
    private nonisolated(nonsending) func read(_ socket: Socket) async throws(TransportError) -> [UInt8] {
        while true {
            await socket.readable()
            var buffer = socket.loop.lease()
            guard try socket.read(into: &buffer) != nil else { continue }
            return [UInt8](copying: buffer.bytes)
        }
    }
}
