import Glibc

/// How many descriptors this process may have.
public enum OpenFiles {
    /// Raises the soft limit to the hard one: each connection through a gateway needs two (RLIMIT_NOFILE,
    /// getrlimit(2)).
    ///
    /// - Returns: the limit that holds now.
    @discardableResult
    public static func raiseLimit() -> UInt64 {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return UInt64(limit.rlim_cur)
    }
}
