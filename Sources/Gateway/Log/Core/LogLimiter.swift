import Protocols

/// Lets lines through, but of each event only so many that no peer can fill a disk with them. A value; the caller brings
/// the time. Events are words of the source, so their number is bounded by it.
struct LogLimiter: Sendable {
    private struct Event: Sendable {
        var limit: RateLimit
        var suppressed: UInt64 = 0
    }

    private var events: [String: Event] = [:]
    private let perSecond: Double
    private let burst: Double

    init(perSecond: Double = 5, burst: Double = 50) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// How many lines of this event were left out since the last one that was let through; `nil` when this is one more.
    mutating func admit(_ event: String, at monotonicNanoseconds: UInt64) -> UInt64? {
        var entry = events[event] ?? Event(limit: RateLimit(perSecond: perSecond, burst: burst))
        defer { events[event] = entry }
        guard entry.limit.admits(at: monotonicNanoseconds) else {
            entry.suppressed += 1
            return nil
        }
        return exchange(&entry.suppressed, with: 0)
    }
}
