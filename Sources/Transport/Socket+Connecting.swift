import CLinux
import Glibc
import Synchronization

extension Socket {
    /// Connects. Must be called on the loop that the socket shall live on.
    ///
    /// - Throws: `.timedOut` after `limit`; `.closed` if the task is cancelled; what connect(2) says.
    public static func connect(
        to address: SocketAddress, on loop: EventLoop, within limit: Duration
    ) async throws(TransportError) -> Socket {
        let descriptor = try Listening.openSocket(address.family)
        do throws(TransportError) {
            try await finishConnecting(descriptor, to: address, on: loop, within: limit)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        loop.connections.add(1, ordering: .relaxed)
        return try Socket(descriptor: descriptor, on: loop)
    }

    /// Connects to the first of these addresses that takes us.
    ///
    /// - Parameter limit: for all of them together.
    /// - Throws: what the last one said.
    public static func connect(
        toFirstOf addresses: [SocketAddress], on loop: EventLoop, within limit: Duration
    ) async throws(TransportError) -> Socket {
        let deadline = ContinuousClock.now + limit
        var failure = TransportError.timedOut
        for address in addresses {
            let rest = ContinuousClock.now.duration(to: deadline)
            guard rest > .zero else { break }
            do throws(TransportError) {
                return try await connect(to: address, on: loop, within: rest)
            } catch { failure = error }
        }
        throw failure
    }

    /// Runs `body`, and closes if the task is cancelled meanwhile: that wakes whoever waits for the socket. Must be called on
    /// the loop.
    public nonisolated(nonsending) func closedByCancelling<Value, Failure: Error>(
        _ body: nonisolated(nonsending) () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskCancellationHandler { () async -> Result<Value, Failure> in
            do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
        } onCancel: {
            loop.execute { self.close() }
        }.get()
    }

    private static func finishConnecting(
        _ descriptor: Int32, to address: SocketAddress, on loop: EventLoop, within limit: Duration
    ) async throws(TransportError) {
        guard let result = unsafe address.withSockaddr({ unsafe Glibc.connect(descriptor, $0, $1) }) else {
            throw .unusablePath(address.host)
        }
        if result == 0 { return }
        guard errno == EINPROGRESS else { throw .system(.connect, errno: errno) }
        let pending = PendingConnection(descriptor: descriptor)
        try loop.watch(pending, [.writable, .edgeTriggered])
        let timer = loop.schedule(after: limit) { pending.finish(.timedOut) }
        await withTaskCancellationHandler {
            if Task.isCancelled { pending.finish(.closed) }
            await pending.finished()
        } onCancel: {
            loop.execute { pending.finish(.closed) }
        }
        timer.cancel()
        loop.forget(pending)
        if let failure = pending.failure { throw failure }
    }
}

/// A descriptor between connect(2) and its result.
// Unchecked: confined to its loop.
private final class PendingConnection: Watcher, @unchecked Sendable {
    private(set) var failure: TransportError?
    private var latch = Latch()

    func finished() async {
        // SAFETY: `Waiters` resumes it once.
        unsafe await withUnsafeContinuation { unsafe latch.park($0) }
    }

    func finish(_ failure: TransportError?) {
        guard !latch.isOpen else { return }
        self.failure = failure
        latch.open()
    }

    override func signal(_ events: Poller.Events) {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // SAFETY: the option is an int.
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        finish(number == 0 ? nil : .system(.connect, errno: number))
    }

    override func abort() { finish(.closed) }
}
