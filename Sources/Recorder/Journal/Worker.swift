import CLinux
import Glibc

/// A thread of the recorder: what may block happens on one of these, never on a loop. Joined once.
@safe
final class Worker: @unchecked Sendable {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    /// Starts at once. `name` shows in ps and top; at most 15 bytes.
    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                // SAFETY: the retain above is given up here, once.
                unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body)
        precondition(code == 0, "a thread could not be started")
        unsafe _ = pthread_setname_np(thread, String(name.prefix(15)))
    }

    func join() { _ = pthread_join(thread, nil) }
}
