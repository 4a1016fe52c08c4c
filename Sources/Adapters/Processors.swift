import CLinux
import Glibc

/// What work may be divided by.
public enum Processors {
    /// Those that this process may run on, as `nproc` counts them (sched_getaffinity(2)). Where they are too many for the system's
    /// type, those that are online.
    public static var count: Int {
        var allowed = cpu_set_t()
        // SAFETY: it writes no more than the size that it is told.
        guard unsafe sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &allowed) == 0 else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        // SAFETY: the set is made of integers, so all its bytes may be read.
        return unsafe withUnsafeBytes(of: &allowed) { bytes in
            unsafe bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        }
    }
}
