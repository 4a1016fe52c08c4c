/// When something happened: order and distance by the monotonic clock, the date by the wall clock.
public struct Timestamp: Sendable, Hashable, Codable, Comparable {
    /// Nanoseconds of `CLOCK_MONOTONIC`, comparable only within one gateway's run.
    public var monotonicNanoseconds: UInt64
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var wallNanoseconds: Int64

    @inlinable public init(monotonicNanoseconds: UInt64, wallNanoseconds: Int64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallNanoseconds = wallNanoseconds
    }

    @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.monotonicNanoseconds, left.wallNanoseconds) < (right.monotonicNanoseconds, right.wallNanoseconds)
    }
}
