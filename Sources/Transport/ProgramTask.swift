import CLinux
import Glibc
import Synchronization

/// A program's asynchronous part, waited for by its main thread.
///
/// An `async` main would end in libdispatch's `dispatch_main`, which leaves a thread that lets every signal through
/// (`_dispatch_sig_thread`): SIGTERM would end the process although `Signals.block` was called.
public enum ProgramTask {
    /// Blocks the calling thread until `body` has returned.
    public static func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
        let outcome = Outcome<Value>()
        Task { outcome.set(await body()) }
        return outcome.wait()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let arrival = Semaphore()

        func set(_ new: Value) {
            value.withLock { $0 = new }
            arrival.post()
        }

        func wait() -> Value {
            while true {
                arrival.wait()
                if let value = value.withLock({ $0 }) { return value }
            }
        }
    }
}

/// sem_overview(7).
// Unchecked: the kernel's calls on a semaphore are safe from any thread.
@safe
private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { unsafe sem_init(semaphore, 0, 0) }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func post() { unsafe sem_post(semaphore) }

    /// May return for a signal, too.
    func wait() { unsafe sem_wait(semaphore) }
}
