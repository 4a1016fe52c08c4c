import CLinux
import Glibc
import Synchronization

/// Accepts connections on one loop and hands each to the least busy one.
public final class Acceptor: Watcher, @unchecked Sendable {
    /// Where it listens; the port is the kernel's choice if it was 0.
    public let address: SocketAddress
    private let group: EventLoopGroup
    private let loop: EventLoop
    private let gate: ConnectionGate
    private let serve: @Sendable (Socket) async -> Void
    /// Given up for a moment when descriptors run out, so that a waiting peer can be turned away.
    private var reserve = Acceptor.openReserve()
    private var isClosed = false

    private static let acceptsPerTurn = 64
    private static let pause = Duration.milliseconds(100)

    /// Listens, and serves each connection in a task on its loop; `serve` must close the socket.
    ///
    /// While the gate is full, nothing is accepted: peers wait in the backlog.
    ///
    /// - Parameter backlog: how many connections the kernel keeps for us; it may cut it (net.core.somaxconn).
    public init(
        on address: SocketAddress, group: EventLoopGroup, gate: ConnectionGate, backlog: Int32 = 1024,
        serve: @escaping @Sendable (Socket) async -> Void
    ) throws(TransportError) {
        let descriptor = try Listening.open(address, backlog: backlog)
        self.address = unsafe SocketAddress { unsafe getsockname(descriptor, $0, $1) } ?? address
        self.group = group
        self.gate = gate
        self.serve = serve
        loop = group.loops[0]
        super.init(descriptor: descriptor)
        loop.execute { [self] in
            // Fails only without memory (epoll_ctl(2)); then nobody can connect.
            do { try loop.watch(self, .readable) } catch { close() }
        }
    }

    public var port: UInt16? { address.port }

    /// Stops listening; connections that were accepted live on. May be called anywhere.
    public func stop() {
        loop.execute { [self] in close() }
    }

    override func abort() { close() }

    private func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(self)
        Glibc.close(descriptor)
        if reserve >= 0 { Glibc.close(reserve) }
        if case .unix(let path) = address { unsafe unlink(path) }
    }

    // MARK: Accepting

    override func signal(_ events: Poller.Events) {
        for _ in 0..<Self.acceptsPerTurn {
            guard gate.enter({ [weak self] in self?.resume() }) else { return suspend() }
            let connection = accept4(
                descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            if connection >= 0 {
                hand(connection)
            } else {
                let number = errno
                gate.leave()
                guard goesOn(after: number) else { return }
            }
        }
    }

    private func hand(_ connection: Int32) {
        let loop = group.leastBusy
        loop.connections.add(1, ordering: .relaxed)
        let gate = gate
        let serve = serve
        Task(executorPreference: loop) {
            guard let socket = try? Socket(descriptor: connection, on: loop, gate: gate) else { return }
            await serve(socket)
        }
    }

    /// accept(2): errors of the connection that was waiting are no errors of ours.
    private func goesOn(after number: Int32) -> Bool {
        switch number {
        case EAGAIN: return false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            turnAway()
            suspend()
            loop.schedule(after: Self.pause) { [weak self] in self?.resume() }
            return false
        default: return true
        }
    }

    /// Accepts and closes, so that the peer learns that we cannot serve it.
    private func turnAway() {
        guard reserve >= 0 else { return reserve = Self.openReserve() }
        Glibc.close(reserve)
        let connection = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        if connection >= 0 { Glibc.close(connection) }
        reserve = Self.openReserve()
    }

    private static func openReserve() -> Int32 {
        unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    private func suspend() { loop.change(self, []) }

    private func resume() {
        loop.execute { [self] in loop.change(self, .readable) }
    }
}
