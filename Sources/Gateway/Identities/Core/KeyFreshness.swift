/// When an issuer's keys are fetched: when a token asks for it, and never more than once a minute. A value; the caller
/// brings the time, in nanoseconds of the monotonic clock.
struct KeyFreshness: Sendable, Equatable {
    /// Keys that an issuer has withdrawn are believed no longer than this.
    private static let age: UInt64 = 600_000_000_000
    /// Between two attempts, whatever strangers send us.
    private static let pause: UInt64 = 60_000_000_000

    private var attempted: UInt64?
    private var succeeded: UInt64?

    /// Whether to fetch now. If so, an attempt begins.
    ///
    /// - Parameter isMissed: whether the keys that there are do not include the one that is needed.
    mutating func isDue(at now: UInt64, isMissed: Bool) -> Bool {
        if let attempted, now < attempted + Self.pause { return false }
        guard isMissed || succeeded.map({ now >= $0 + Self.age }) ?? true else { return false }
        attempted = now
        return true
    }

    mutating func succeed(at now: UInt64) { succeeded = now }
}
