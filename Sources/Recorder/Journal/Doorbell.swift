import CLinux
import Glibc

/// Lets one thread wait until another rings. A ring before the wait is not lost.
final class Doorbell: Sendable {
    private let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))

    init() { precondition(descriptor >= 0, "no eventfd could be made") }

    deinit { close(descriptor) }

    func ring() {
        var one: UInt64 = 1
        unsafe _ = write(descriptor, &one, 8)
    }

    /// Waits for a ring; a negative time has no end.
    func wait(milliseconds: Int32) {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        unsafe _ = Glibc.poll(&poll, 1, milliseconds)
        var count: UInt64 = 0
        unsafe _ = read(descriptor, &count, 8)
    }
}
