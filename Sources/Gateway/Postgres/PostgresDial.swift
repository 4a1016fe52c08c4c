import Adapters
import Protocols
import Transport

/// Logs in to the upstream for one caller, up to the upstream's first ReadyForQuery.
struct PostgresDial {
    typealias Login = PostgresUpstreamLogin<OpenSSLCryptography>

    /// A session that the upstream has opened.
    struct Session {
        var socket: Socket
        /// From AuthenticationOk on: what the caller is to get, with what preceded it and concerns the caller.
        var head: [UInt8]
        var key: CancelRegistry.Session?
    }

    enum Failure: Error {
        /// The upstream's own words, to be passed on.
        case refused(message: [UInt8])
        case transport(TransportError)
        case login(PostgresLoginFailure)
        case fault(WireFault)
        /// The upstream has no TLS, and is to have it.
        case withoutTLS
        /// The gateway's own credential is not to be had.
        case credential(FileUnusable)
        /// The upstream hung up.
        case closed
        /// The login's time was over.
        case silent
    }

    let route: PostgresRoute
    let password: Secret?
    let salts: SaltCache
    let limits: WireLimits
    private var decoder: PostgresDecoder
    private var head: [UInt8] = []
    private var processID: Int32?
    private var key = Secret([])

    init(_ route: PostgresRoute, password: Secret?, salts: SaltCache, limits: WireLimits) {
        self.route = route
        self.password = password
        self.salts = salts
        self.limits = limits
        decoder = PostgresDecoder(limits: limits)
    }

    /// Sends the startup packet and answers what the upstream asks.
    nonisolated(nonsending) mutating func logIn(
        _ connection: PostgresUpstream.Connection, for request: PostgresStartupRequest
    ) async throws(Failure) -> Session {
        let (socket, tls) = (connection.socket, connection.tls)
        let startup = route.upstream.startup(for: request)
        var login = Login(
            user: startup.user, password: password,
            allowsCleartext: socket.remoteAddress.isLoopback || tls?.isPeerVerified == true,
            binding: SCRAMChannelBinding(endPoint: tls?.peerCertificate?.endPoint), nonce: SystemRandom.bytes(18))
        try send(startup.bytes, socket)
        var bytes: [UInt8] = []
        while true {
            guard let (message, length) = try next(bytes) else {
                try await read(socket, into: &bytes)
                continue
            }
            let action = try take(message, Array(bytes[..<length]), &login)
            bytes.removeFirst(length)
            switch action {
            case .wait, .pass, .authenticated: break
            case .refused: throw .refused(message: head)
            case .send(let answer): try send(answer, socket)
            case .salt(let salting):
                let salted = await salts.salted(password ?? Secret([]), salting)
                try send(try answer(&login, salted), socket)
            }
            if case .readyForQuery = message { return session(socket, rest: bytes) }
        }
    }

    /// One message of the upstream: for the login until that is through, then for the caller.
    private mutating func take(
        _ message: PostgresMessage, _ bytes: [UInt8], _ login: inout Login
    ) throws(Failure) -> Login.Action {
        switch message {
        case .backendKeyData(let data):
            processID = data.processID
            key = Secret(Array(bytes[data.key]))
            head += bytes
            return .wait
        case .parameterStatus, .readyForQuery:
            head += bytes
            return .wait
        default: break
        }
        let action: Login.Action
        do throws(PostgresLoginFailure) { action = try login.received(message, bytes.span) } catch {
            throw .login(error)
        }
        switch action {
        case .pass, .authenticated: head += bytes
        case .refused: head = bytes
        case .send, .salt, .wait: break
        }
        return action
    }

    private mutating func next(_ bytes: [UInt8]) throws(Failure) -> (PostgresMessage, length: Int)? {
        guard !bytes.isEmpty else { return nil }
        do throws(WireFault) {
            guard case .message(let message, let length) = try decoder.step(bytes.span, .serverToClient) else {
                return nil
            }
            return (message, length)
        } catch {
            throw .fault(error)
        }
    }

    /// The decoder reads what we say, too: it must know what the upstream answers.
    private mutating func send(_ bytes: [UInt8], _ socket: Socket) throws(Failure) {
        do throws(WireFault) { _ = try decoder.step(bytes.span, .clientToServer) } catch { throw .fault(error) }
        do throws(TransportError) { try socket.send(bytes.span) } catch { throw .transport(error) }
    }

    nonisolated(nonsending) private func read(_ socket: Socket, into bytes: inout [UInt8]) async throws(Failure) {
        guard bytes.count + head.count <= limits.loginBytes else {
            throw .fault(WireFault(.limitExceeded, "the login takes too many bytes", .serverToClient))
        }
        do throws(TransportError) {
            while true {
                await socket.readable()
                var buffer = socket.loop.lease()
                guard let count = try socket.read(into: &buffer) else { continue }
                guard count > 0 else { break }
                bytes.append(buffer.bytes)
                return
            }
        } catch {
            // Nobody but the endpoint's limit closes the socket of a dial.
            if error == .closed { throw .silent }
            throw error.isDisconnect ? .closed : .transport(error)
        }
        throw .closed
    }

    private func answer(_ login: inout Login, _ salted: Secret) throws(Failure) -> [UInt8] {
        do throws(PostgresLoginFailure) { return try login.salted(salted) } catch { throw .login(error) }
    }

    private func session(_ socket: Socket, rest: [UInt8]) -> Session {
        let known = processID.map {
            CancelRegistry.Session(route: route, processID: $0, key: key)
        }
        return Session(socket: socket, head: head + rest, key: known)
    }
}
