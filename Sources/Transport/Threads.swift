import CLinux
import Glibc

/// Starts a detached thread. Not isolated to anything, lest the body inherit an isolation that it then violates.
nonisolated func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name, body))
    var thread = pthread_t()
    // SAFETY: the reference that we leave behind is taken by the thread.
    let result = unsafe pthread_create(
        &thread, nil,
        { argument in
            let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
            unsafe _ = pthread_setname_np(pthread_self(), start.name)
            start.body()
            return nil
        }, start.toOpaque())
    precondition(result == 0, "no thread could be started: errno \(result)")
    pthread_detach(thread)
}

private final class ThreadStart {
    let name: String
    let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        // Linux takes no more than 15 bytes.
        self.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        self.body = body
    }
}
