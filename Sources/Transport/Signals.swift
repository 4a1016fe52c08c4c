import CLinux
import Glibc
import Protocols

/// The signals that ask a program to end or to read its settings again, as something to await: signalfd(2).
// Unchecked: confined to its loop.
@safe
public final class Signals: Watcher, @unchecked Sendable {
    public enum Signal: Int32, Sendable, CaseIterable {
        case hangUp = 1
        case interrupt = 2
        case terminate = 15
    }

    private let loop: EventLoop
    private var arrived = Fifo<Signal>()
    private var waiters = Waiters()
    private var isClosed = false

    /// Keeps these signals from ending the process, in this thread and in those that it starts from now on, so it
    /// belongs at the very start of a program. Also, a write to a peer that has gone must not end the process
    /// (SIGPIPE).
    public static func block() {
        // SAFETY: a set of our own; SIG_IGN is always allowed for SIGPIPE.
        var set = set
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
    }

    /// Begins to receive what `block` keeps back.
    public init(on loop: EventLoop) throws(TransportError) {
        self.loop = loop
        var set = Self.set
        let descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw .system(.socket, errno: errno) }
        super.init(descriptor: descriptor)
        loop.execute { [self] in
            // Fails only without memory (epoll_ctl(2)).
            do { try loop.watch(self, .readable) } catch { preconditionFailure("\(error)") }
        }
    }

    /// The next signal, which may have come before; nil once the loop stops. May be called anywhere.
    public func next() async -> Signal? {
        await Task(executorPreference: loop) { [self] in
            while arrived.isEmpty, !isClosed {
                // SAFETY: `Waiters` resumes it once.
                unsafe await withUnsafeContinuation { unsafe waiters.park($0, if: arrived.isEmpty && !isClosed) }
            }
            return arrived.popFirst()
        }.value
    }

    override func signal(_ events: Poller.Events) {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        // SAFETY: each read fills the whole structure or nothing.
        while unsafe read(descriptor, &information, size) == size {
            if let signal = Signal(rawValue: Int32(information.ssi_signo)) { arrived.append(signal) }
        }
        waiters.resumeAll()
    }

    override func abort() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(self)
        close(descriptor)
        waiters.resumeAll()
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in Signal.allCases { unsafe sigaddset(&set, signal.rawValue) }
        return set
    }
}
