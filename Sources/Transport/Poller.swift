import CLinux
import Glibc

/// An epoll set and the doorbell that wakes whoever waits for it: epoll(7), eventfd(2).
@safe
final class Poller {
    struct Events: OptionSet {
        let rawValue: UInt32

        static let readable = Events(rawValue: EPOLLIN.rawValue)
        static let writable = Events(rawValue: EPOLLOUT.rawValue)
        /// The peer will send no more: a FIN, or a Unix peer's shutdown or close.
        static let peerClosed = Events(rawValue: EPOLLRDHUP.rawValue)
        static let hungUp = Events(rawValue: EPOLLHUP.rawValue)
        static let failed = Events(rawValue: EPOLLERR.rawValue)
        static let edgeTriggered = Events(rawValue: EPOLLET.rawValue)
    }

    private static let doorbellKey = UInt64.max
    private static let capacity = 256

    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let doorbell = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
    private var rang = false

    init() {
        precondition(epoll >= 0 && doorbell >= 0, "no event loop without epoll and eventfd: errno \(errno)")
        do throws(TransportError) {
            // Edge-triggered, so that it never needs to be read.
            try add(doorbell, Self.doorbellKey, [.readable, .edgeTriggered])
        } catch { preconditionFailure("\(error)") }
    }

    deinit {
        close(epoll)
        close(doorbell)
        unsafe events.deallocate()
    }

    /// Wakes the waiting thread; may be called from any.
    func ring() {
        var one: UInt64 = 1
        // SAFETY: an eventfd takes eight bytes. It cannot fail before 2^64 - 1 rings.
        unsafe _ = write(doorbell, &one, 8)
    }

    /// Whether it has rung since we last asked.
    func takeRing() -> Bool {
        defer { rang = false }
        return rang
    }

    /// Waits, and reports each event.
    ///
    /// - Parameter milliseconds: -1 waits for ever.
    /// - Returns: whether there was any.
    func wait(milliseconds: Int32, _ report: (UInt64, Events) -> Void) -> Bool {
        // SAFETY: the buffer holds `capacity` events. -1 with EINTR counts as none.
        let count = unsafe max(0, epoll_wait(epoll, events, Int32(Self.capacity), milliseconds))
        for index in 0..<Int(count) {
            let event = unsafe events[index]
            let key = unsafe event.data.u64
            if key == Self.doorbellKey { rang = true } else { unsafe report(key, Events(rawValue: event.events)) }
        }
        return count > 0
    }

    func add(_ descriptor: Int32, _ key: UInt64, _ events: Events) throws(TransportError) {
        guard control(EPOLL_CTL_ADD, descriptor, key, events) == 0 else { throw .system(.epoll, errno: errno) }
    }

    func change(_ descriptor: Int32, _ key: UInt64, _ events: Events) {
        _ = control(EPOLL_CTL_MOD, descriptor, key, events)
    }

    func remove(_ descriptor: Int32) {
        _ = control(EPOLL_CTL_DEL, descriptor, 0, [])
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ key: UInt64, _ events: Events) -> Int32 {
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: key))
        return unsafe epoll_ctl(epoll, operation, descriptor, &event)
    }
}
