import CLinux
import Glibc
import Synchronization

/// A connected stream socket, TCP or Unix, that never blocks; confined to its loop.
///
/// Whoever has it must `close()` it: the loop keeps it alive until then. Closing wakes everybody who waits.
///
/// A lane of a relay, with `self.loop` as the actor's executor and the task's preference:
///
/// ```swift
/// while true {
///     await source.readable()
///     var buffer = loop.lease()
///     guard let count = try source.read(into: &buffer) else { continue }
///     if count == 0 { break }
///     try destination.send(buffer.bytes)
///     if destination.isAboveMark { await destination.belowMark() }
/// }
/// destination.shutdownWrite()
/// ```
@safe
public final class Socket: Watcher, @unchecked Sendable {
    public let loop: EventLoop
    public let localAddress: SocketAddress
    public let remoteAddress: SocketAddress

    // Reading.
    var input = Latch()
    private var readsInARow: UInt8 = 0
    /// The peer has shut down or vanished; what it sent before may still be read.
    public private(set) var isHungUp = false
    private var hangUpWaiters = Waiters()

    /// Once TLS has begun, everything passes through it: see Socket+TLS.swift.
    var tls: TLSSession?

    // Writing: see Socket+Sending.swift.
    var outgoing = OutgoingQueue()
    var isWritable = true
    var belowMarkWaiters = Waiters()
    /// Lanes stop reading for this destination while more bytes than this are queued.
    public var mark = 256 << 10
    /// `send` refuses what would go beyond this.
    public var queueLimit = 16 << 20
    var writeFailure: TransportError?
    var ending = Ending.open
    var endTimer: LoopTimer?

    public private(set) var isClosed = false
    private let gate: ConnectionGate?

    /// How far a socket's end has come.
    enum Ending: Equatable {
        case open
        /// Shuts its sending side once the queue is empty.
        case shuttingDown
        /// Closes once the queue is empty and the peer has read it.
        case draining
        case shutDown
        /// Shut down, and waiting for the peer's own end before it closes.
        case lingering
    }

    /// Takes over a connected, non-blocking descriptor, and closes it in case of an error. Whoever opened it has
    /// counted it on the loop and at the gate; the socket counts it off.
    init(descriptor: Int32, on loop: EventLoop, gate: ConnectionGate? = nil) throws(TransportError) {
        self.loop = loop
        self.gate = gate
        let nowhere = SocketAddress.unix(path: "")
        localAddress = unsafe SocketAddress { unsafe getsockname(descriptor, $0, $1) } ?? nowhere
        remoteAddress = unsafe SocketAddress { unsafe getpeername(descriptor, $0, $1) } ?? nowhere
        super.init(descriptor: descriptor)
        if localAddress.family != AF_UNIX { descriptor.setOption(IPPROTO_TCP, TCP_NODELAY, 1) }
        do throws(TransportError) {
            try loop.watch(self, [.readable, .writable, .peerClosed, .edgeTriggered])
        } catch {
            releaseDescriptor()
            throw error
        }
    }

    override func signal(_ events: Poller.Events) {
        if !events.isDisjoint(with: [.peerClosed, .hungUp, .failed]) {
            isHungUp = true
            hangUpWaiters.resumeAll()
        }
        if !events.subtracting(.writable).isEmpty {
            input.open()
            discardWhileLingering()
        }
        if !events.isDisjoint(with: [.writable, .hungUp, .failed]) {
            isWritable = true
            // Most events tell that the socket is writable, too, and find nothing that waits for it.
            if !outgoing.isEmpty || ending != .open { flush() }
        }
    }

    override func abort() { close() }

    /// Closes the descriptor; what is queued is lost. Harmless when repeated.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(self)
        releaseDescriptor()
        endTimer?.cancel()
        // It holds us.
        endTimer = nil
        outgoing = OutgoingQueue()
        tls = nil
        input.open()
        isHungUp = true
        hangUpWaiters.resumeAll()
        belowMarkWaiters.resumeAll()
    }

    private func releaseDescriptor() {
        Glibc.close(descriptor)
        loop.connections.subtract(1, ordering: .relaxed)
        gate?.leave()
    }

    // MARK: Reading

    /// Returns once there is something to read, or the end, or an error, or the socket is closed.
    ///
    /// One task at a time may wait. After many reads in a row it lets others go first.
    public func readable() async {
        assert(loop.isCurrent)
        if input.isOpen {
            readsInARow += 1
            if readsInARow < Self.readsBeforeYield { return }
            readsInARow = 0
            await Task.yield()
        } else {
            readsInARow = 0
            // SAFETY: `Waiters` resumes it once.
            unsafe await withUnsafeContinuation { unsafe input.park($0) }
        }
    }

    /// Lets who waits in `readable()` look again, as if there were something to read.
    public func wakeReader() { input.open() }

    private static let readsBeforeYield: UInt8 = 8

    /// Reads what is there into the buffer's free part.
    ///
    /// - Returns: how many bytes; 0 at the end; nil if there is nothing now.
    public func read(into buffer: inout Buffer) throws(TransportError) -> Int? {
        assert(loop.isCurrent && !buffer.isFull)
        guard !isClosed, ending != .draining, ending != .lingering else { throw .closed }
        if let tls { return try receive(into: &buffer, through: tls) }
        return try receive(into: &buffer)
    }

    /// Looks at the first bytes, which stay where they are: 0x16 begins TLS where no protocol led to it.
    ///
    /// It does not wait until there are that many.
    ///
    /// - Returns: at most `count` bytes; none at the end; nil if there is nothing now.
    public func peek(_ count: Int) throws(TransportError) -> [UInt8]? {
        assert(loop.isCurrent && tls == nil)
        guard !isClosed, ending != .draining, ending != .lingering else { throw .closed }
        var bytes = [UInt8](repeating: 0, count: count)
        let found = unsafe recv(descriptor, &bytes, count, Int32(MSG_PEEK))
        if found >= 0 { return Array(bytes[..<found]) }
        switch errno {
        case EINTR: return nil
        case EAGAIN:
            input.close()
            return nil
        case let number: throw .system(.read, errno: number)
        }
    }

    private func receive(into buffer: inout Buffer) throws(TransportError) -> Int? {
        var room = 0
        let count = unsafe buffer.append { free in
            room = free.count
            return unsafe recv(descriptor, free.baseAddress, free.count, 0)
        }
        guard count < 0 else {
            // A short read has emptied the socket, so the next one would find nothing; but not if the end has come.
            if count < room, !isHungUp { input.close() }
            return count
        }
        switch errno {
        case EINTR: return nil
        case EAGAIN:
            input.close()
            return nil
        case let number: throw .system(.read, errno: number)
        }
    }

    /// Whether the peer has shut down or vanished, as the kernel knows now: the loop may not have come to it yet.
    public func hasHungUp() -> Bool {
        if isHungUp { return true }
        // poll(2) has epoll's numbers.
        let events = Int16(truncatingIfNeeded: Poller.Events.peerClosed.rawValue)
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// Returns once the peer has hung up, even if nobody reads.
    ///
    /// - Returns: false if the task was cancelled before that.
    public func hungUp() async -> Bool {
        assert(loop.isCurrent)
        await withTaskCancellationHandler {
            // SAFETY: `Waiters` resumes it once.
            unsafe await withUnsafeContinuation {
                unsafe hangUpWaiters.park($0, if: !isHungUp && !Task.isCancelled)
            }
        } onCancel: {
            loop.execute { self.hangUpWaiters.resumeAll() }
        }
        return isHungUp
    }

    /// After the last byte: waits for the peer to read it and to end, without keeping what it still sends.
    func discardWhileLingering() {
        guard ending == .lingering else { return }
        var buffer = loop.lease()
        do throws(TransportError) {
            while let count = try receive(into: &buffer) {
                if count == 0 { return close() }
                buffer.consume(count)
            }
        } catch { close() }
    }
}

extension Int32 {
    /// Sets a socket option that is an Int32.
    @discardableResult
    func setOption(_ level: some BinaryInteger, _ name: Int32, _ value: Int32) -> Bool {
        var value = value
        return unsafe setsockopt(self, Int32(level), name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
}
