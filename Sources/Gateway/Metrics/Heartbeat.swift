import Protocols
import Synchronization
import Transport

/// Shows that a loop still turns, and how late it comes to what is due.
///
/// Once a second a timer of the loop notes the time. A loop that is busy elsewhere comes late; one that hangs, not at all.
@safe
final class Heartbeat: Sendable {
    static let interval = Duration.seconds(1)
    /// A loop that has not turned for so long hangs.
    static let patience = Duration.seconds(5)

    private let loop: EventLoop
    /// Monotonic nanoseconds of the last beat.
    private let last: Atomic<UInt64>
    /// How late the last beat came, in nanoseconds; the loop's timers are whole milliseconds apart.
    private let late = Atomic<UInt64>(0)

    init(of loop: EventLoop) {
        self.loop = loop
        last = Atomic(Timestamp.current().monotonicNanoseconds)
        loop.execute { [self] in scheduleNext() }
    }

    /// How late the loop is: at the last beat, or since one that should have come.
    func delay(at now: Timestamp) -> Duration {
        let overdue = elapsed(now) - Self.interval
        return max(.nanoseconds(Int64(clamping: late.load(ordering: .relaxed))), overdue)
    }

    func isAlive(at now: Timestamp) -> Bool { elapsed(now) < Self.patience }

    private func elapsed(_ now: Timestamp) -> Duration {
        let last = last.load(ordering: .relaxed)
        return .nanoseconds(Int64(clamping: now.monotonicNanoseconds - min(last, now.monotonicNanoseconds)))
    }

    private func scheduleNext() {
        loop.schedule(after: Self.interval) { [weak self] in self?.beat() }
    }

    private func beat() {
        let now = loop.now.monotonicNanoseconds
        let elapsed = now - last.load(ordering: .relaxed)
        late.store(elapsed - min(elapsed, Self.intervalNanoseconds), ordering: .relaxed)
        last.store(now, ordering: .relaxed)
        scheduleNext()
    }

    private static let intervalNanoseconds: UInt64 = 1_000_000_000
}
