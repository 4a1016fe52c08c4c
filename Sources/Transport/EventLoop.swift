import CLinux
import Glibc
public import Protocols
import Synchronization

/// One thread, one epoll set, one executor: what runs on a loop runs on its thread, in turns, without a lock.
///
/// A connection is an actor that is pinned to its loop, and its tasks start with the loop as their preference:
///
/// ```swift
/// actor Connection {
///     nonisolated let loop: EventLoop
///     nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
/// }
/// Task(executorPreference: loop) { await connection.run() }
/// ```
///
/// Both are needed. A continuation resumes on the task's preferred executor; without the preference each `await`
/// goes through the global pool and back, which costs 15 to 44 µs instead of 0.2. Child tasks inherit it. Each task
/// costs about a kilobyte: a connection should have one per lane, and none that merely waits.
///
/// A turn: wait for events, read the clock, let descriptors and due timers wake whom they concern, run the jobs.
/// Everything but `execute`, `enqueue`, `connectionCount` and the tasks that await must be used on the loop itself.
// Unchecked: all mutable state is confined to the loop's thread, except the mailbox and the atomics.
@safe
public final class EventLoop: TaskExecutor, SerialExecutor, @unchecked Sendable {
    /// When this turn began. Reading it costs nothing, so everything that happens in a turn has the same time.
    public private(set) var now = Timestamp.current()

    var timers = TimerHeap()
    let buffers = BufferPool()
    let connections = Atomic<Int>(0)

    private let poller = Poller()
    private let mailbox = Mutex(Mailbox())
    private var watchers = WatcherTable()
    private var ready: [UnownedJob] = []
    private var running: [UnownedJob] = []
    private let thread = Atomic<UInt>(0)
    private var onStop: UnsafeContinuation<Void, Never>?

    public init() {}

    /// How many connections live on this loop; may be read anywhere.
    public var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// Whether the caller runs on this loop.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { ready.append(job) } else { post { $0.jobs.append(job) } }
    }

    public func checkIsolated() { precondition(isCurrent, "this must run on its event loop") }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `body` on the loop: in one of its next turns, or at once if we are on it.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent { body() } else { post { $0.bodies.append(body) } }
    }

    private func post(_ add: (inout Mailbox) -> Void) {
        let wasEmpty = mailbox.withLock { mailbox in
            let wasEmpty = mailbox.isEmpty
            add(&mailbox)
            return wasEmpty
        }
        if wasEmpty { poller.ring() }
    }

    // MARK: Life

    /// Starts the thread. A loop runs until `stop`.
    ///
    /// Tasks may be given to it before.
    public func start(name: String = "loop") {
        startThread(name: name) { [self] in run() }
    }

    /// Closes whatever is still open, which wakes everybody who waits for it; lets them come to their end; ends the
    /// thread. A job that arrives later never runs, so a program stops its loops last. Must be called from elsewhere.
    public func stop() async {
        precondition(!isCurrent, "a loop cannot wait for its own end")
        // SAFETY: resumed exactly once, as the last act of the loop's thread.
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            execute { [self] in unsafe onStop = continuation }
        }
    }

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        while unsafe onStop == nil { turn(patience: patience) }
        while !watchers.isEmpty || !timers.isEmpty || !ready.isEmpty {
            for watcher in watchers.all { watcher.abort() }
            cancelTimers()
            turn(patience: 0)
        }
        buffers.trim(to: 0)
        unsafe onStop?.resume()
    }

    private func turn(patience: Int32) {
        let hadEvents = poller.wait(milliseconds: patience) { key, events in
            watchers[key]?.signal(events)
        }
        now = .current()
        if !hadEvents { buffers.trim(to: 1) }
        openMail()
        fireTimers()
        runJobs()
    }

    /// How long to wait for events: until the next timer, or until unused buffers should go.
    private var patience: Int32 {
        if !ready.isEmpty { return 0 }
        let limit: Int32 = buffers.spareCount > 1 ? 1000 : -1
        guard let deadline = timers.nextDeadline else { return limit }
        let nanoseconds = deadline - min(deadline, now.monotonicNanoseconds)
        let milliseconds = Int32(min(nanoseconds.dividedRoundingUp(by: 1_000_000), 3_600_000))
        return limit < 0 ? milliseconds : min(limit, milliseconds)
    }

    private func openMail() {
        guard poller.takeRing() else { return }
        let mail = mailbox.withLock { exchange(&$0, with: Mailbox()) }
        ready.append(contentsOf: mail.jobs)
        for body in mail.bodies { body() }
    }

    /// Jobs that jobs make run in the same turn, which saves a look at epoll, but only so often: peers come first.
    private func runJobs() {
        let serial = unsafe asUnownedSerialExecutor()
        let task = unsafe asUnownedTaskExecutor()
        for _ in 0..<8 {
            if ready.isEmpty { return }
            swap(&ready, &running)
            for job in running {
                unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: task)
            }
            running.removeAll(keepingCapacity: true)
        }
    }

    // MARK: Descriptors

    func watch(_ watcher: Watcher, _ events: Poller.Events) throws(TransportError) {
        assert(isCurrent)
        let key = watchers.insert(watcher)
        do throws(TransportError) {
            try poller.add(watcher.descriptor, key, events)
            watcher.key = key
        } catch {
            watchers.remove(key)
            throw error
        }
    }

    func change(_ watcher: Watcher, _ events: Poller.Events) {
        assert(isCurrent)
        if let key = watcher.key { poller.change(watcher.descriptor, key, events) }
    }

    /// Must come before the descriptor's close. Events that epoll has already reported find nobody under the key.
    func forget(_ watcher: Watcher) {
        assert(isCurrent)
        guard let key = exchange(&watcher.key, with: nil) else { return }
        poller.remove(watcher.descriptor)
        watchers.remove(key)
    }
}

/// What other threads leave for a loop.
private struct Mailbox {
    var jobs: [UnownedJob] = []
    var bodies: [@Sendable () -> Void] = []

    var isEmpty: Bool { jobs.isEmpty && bodies.isEmpty }
}

extension UInt64 {
    func dividedRoundingUp(by divisor: UInt64) -> UInt64 { self / divisor + (self % divisor == 0 ? 0 : 1) }
}
