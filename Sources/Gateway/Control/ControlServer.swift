import Adapters
import Glibc
import Protocols
import Synchronization
public import Transport

/// The control socket's side of the gateway.
///
/// The socket's file has mode 0600 and lies in the state folder of mode 0700. The kernel's word about the peer is asked for
/// all the same: only the gateway's own user and root are served, and each request is carried out in the name of the peer.
public final class ControlServer: Sendable {
    /// Peers that may be connected at once; others wait in the backlog.
    private static let connectionsMaximum = 16

    private let acceptor: Acceptor
    private let peers: Peers

    /// Listens at `path`; a socket that a dead gateway left there is replaced.
    ///
    /// - Parameters:
    ///   - group: connections are served on these loops.
    ///   - pool: where the user database is read.
    public init(
        at path: String, group: EventLoopGroup, pool: BlockingPool, delegate: any ControlDelegate
    ) throws(TransportError) {
        let gate = ConnectionGate(limit: Self.connectionsMaximum)
        let peers = Peers()
        self.peers = peers
        acceptor = try Acceptor(on: .unix(path: path), group: group, gate: gate, backlog: 16) { socket in
            peers.join(socket)
            await ControlConnection(socket, delegate).serve(pool)
            peers.leave(socket)
        }
    }

    /// Stops listening, removes the socket's file, and ends the connections once what was said is written.
    public func stop() {
        acceptor.stop()
        peers.end()
    }
}

/// The sockets of those who are connected.
private final class Peers: Sendable {
    private let sockets = Mutex<[ObjectIdentifier: Socket]>([:])

    func join(_ socket: Socket) { sockets.withLock { $0[ObjectIdentifier(socket)] = socket } }
    func leave(_ socket: Socket) { sockets.withLock { $0[ObjectIdentifier(socket)] = nil } }

    func end() {
        for socket in sockets.withLock({ Array($0.values) }) {
            socket.loop.execute { socket.drainThenClose() }
        }
    }
}

/// One peer of the control socket. Runs on the socket's loop.
private struct ControlConnection {
    private let socket: Socket
    private let delegate: any ControlDelegate

    /// A peer that asks nothing, or does not read the answer, for so long.
    private static let idleLimit = Duration.seconds(60)

    init(_ socket: Socket, _ delegate: any ControlDelegate) {
        self.socket = socket
        self.delegate = delegate
    }

    func serve(_ pool: BlockingPool) async {
        // A peer that is gone, or does not read, needs no answer.
        do throws(TransportError) {
            if let actor = await actor(pool) {
                try await answerAll(of: actor)
            } else {
                let owner = SystemUser.current.name
                try await send(.error(ControlFault(.notPermitted, "only \(owner) and root may control this gateway")))
            }
            socket.drainThenClose()
        } catch {
            // What was said before the server stopped is still written.
            if error != .closed { socket.close() }
        }
    }

    /// The peer, if it is one of those who may be here.
    private func actor(_ pool: BlockingPool) async -> ControlActor? {
        guard let uid = await PeerOwner.uid(of: socket, pool: pool), uid == geteuid() || uid == 0 else { return nil }
        return await pool.run { ControlActor(uid: uid, name: SystemUser(uid: uid).name) }
    }

    private func answerAll(of actor: ControlActor) async throws(TransportError) {
        var lines = LineBuffer(limit: ControlProtocol.requestBytesMaximum)
        while try await receive(into: &lines) {
            while let line = lines.next() {
                guard case .whole(let bytes) = line else {
                    let limit = ControlProtocol.requestBytesMaximum
                    return try await send(.error(ControlFault(.badRequest, "a request has at most \(limit) bytes")))
                }
                try await answer(bytes, actor)
            }
        }
    }

    /// Reads once; false at the end, or when nothing comes for too long.
    private func receive(into lines: inout LineBuffer) async throws(TransportError) -> Bool {
        let timer = closeLater()
        defer { timer.cancel() }
        while true {
            await socket.readable()
            var buffer = socket.loop.lease()
            guard let count = try socket.read(into: &buffer) else { continue }
            lines.append(buffer.bytes)
            return count > 0
        }
    }

    private func answer(_ line: [UInt8], _ actor: ControlActor) async throws(TransportError) {
        let request: ControlRequest
        let replies: [ControlReply]
        do throws(ControlFault) {
            request = try ControlRequest(line: line.span)
            replies = try await carryOut(request, actor)
        } catch { return try await send(.error(error)) }
        if request == .follow { try await follow() }
        for reply in replies + [.done] { try await send(reply) }
    }

    /// Tells what happens until the peer hangs up.
    private func follow() async throws(TransportError) {
        let feed = delegate.follow()
        let watch = Task(executorPreference: socket.loop) { [socket] in
            _ = await socket.hungUp()
            feed.end()
        }
        defer {
            watch.cancel()
            feed.end()
        }
        for await line in feed.lines {
            if let event = LiveEvent(line) { try await send(.event(event)) }
        }
        socket.drainThenClose()
        throw .closed
    }

    /// What there is to tell before the last line.
    private func carryOut(_ request: ControlRequest, _ actor: ControlActor) async throws(ControlFault) -> [ControlReply]
    {
        switch request {
        case .status: return [.status(await delegate.status())]
        case .sessions: return await delegate.sessions().map { .session($0) }
        case .questions: return await delegate.questions().map { .question($0) }
        case .kill(let session, let reason): try await delegate.kill(session, reason: reason, by: actor)
        case .answer(let question, let answer, let reason):
            try await delegate.answer(question, answer, reason: reason, by: actor)
        case .reload: return [.reloaded(waiting: try await delegate.reload(by: actor))]
        case .follow: break
        }
        return []
    }

    private func send(_ reply: ControlReply) async throws(TransportError) {
        var line = reply.json.encoded()
        line.append(UInt8(ascii: "\n"))
        if socket.isAboveMark {
            let timer = closeLater()
            await socket.belowMark()
            timer.cancel()
        }
        try socket.send(line.span)
    }

    private func closeLater() -> LoopTimer {
        socket.loop.schedule(after: Self.idleLimit) { [socket] in socket.close() }
    }
}
