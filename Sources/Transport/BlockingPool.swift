import CLinux
import Glibc
import Protocols

/// Threads for work that can block, none of which may run on a loop: names, files, key derivation.
///
/// Threads start as work comes, up to the limit, and stay. The queue is as long as there are tasks that wait, so
/// whoever bounds its connections bounds it too.
// Unchecked: `work` and the counts are only touched under the mutex.
@safe
public final class BlockingPool: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let name: String
    private let threadLimit: Int
    private var work = Fifo<@Sendable () -> Void>()
    private var threads = 0
    private var idle = 0

    /// A pool lives as long as the process: its threads keep it.
    public init(name: String, threadLimit: Int) {
        precondition(threadLimit > 0)
        self.name = name
        self.threadLimit = threadLimit
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    /// Runs `body` on one of the threads, and comes back to where the caller runs.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        // SAFETY: each piece of work runs once and resumes once.
        try unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Result<Value, Failure>, Never>) in
            add {
                do throws(Failure) {
                    unsafe continuation.resume(returning: .success(try body()))
                } catch { unsafe continuation.resume(returning: .failure(error)) }
            }
        }.get()
    }

    private func add(_ item: @escaping @Sendable () -> Void) {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        work.append(item)
        if work.count > idle, threads < threadLimit {
            threads += 1
            startThread(name: name) { [self] in runThread() }
        } else {
            unsafe pthread_cond_signal(condition)
        }
    }

    private func runThread() {
        while true { next()() }
    }

    private func next() -> @Sendable () -> Void {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        idle += 1
        defer { idle -= 1 }
        while true {
            if let item = work.popFirst() { return item }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
