import Glibc
public import Protocols

extension Timestamp {
    /// Reads both clocks; neither is a system call (vdso(7)).
    public static func current() -> Timestamp {
        let monotonic = read(CLOCK_MONOTONIC)
        let wall = read(CLOCK_REALTIME)
        return Timestamp(
            monotonicNanoseconds: UInt64(monotonic.tv_sec) * 1_000_000_000 + UInt64(monotonic.tv_nsec),
            wallNanoseconds: Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec))
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time
    }
}

extension Duration {
    /// Whole nanoseconds: none for what is negative, at most 292 years.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 9_000_000_000 else { return 9_000_000_000_000_000_000 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
