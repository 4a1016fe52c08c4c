/// A token bucket: lets `burst` through at once and `perSecond` on average. A value; the caller brings the time.
public struct RateLimit: Sendable, Equatable {
    private let burst: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var last: UInt64 = 0

    public init(perSecond: Double, burst: Double) {
        self.burst = burst
        perNanosecond = perSecond / 1_000_000_000
        tokens = burst
    }

    /// Whether one more may pass at `monotonicNanoseconds`.
    public mutating func admits(at monotonicNanoseconds: UInt64) -> Bool {
        let elapsed = monotonicNanoseconds > last ? monotonicNanoseconds - last : 0
        last = max(last, monotonicNanoseconds)
        tokens = min(burst, tokens + Double(elapsed) * perNanosecond)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
