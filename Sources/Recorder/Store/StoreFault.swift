import Glibc

/// What went wrong with a file of ours: names the file, and what to do where something can be done.
public enum StoreFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// A system call failed.
    case system(operation: String, path: String, errno: Int32)
    /// The file holds something else than it should.
    case format(path: String, FormatFault)
    /// We do not use the file as it is.
    case refused(path: String, reason: String)

    /// No space is left, or the quota is used up.
    public var isFullDisk: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return code == ENOSPC || code == EDQUOT
    }

    /// The file is not there, or its folder is not.
    var isMissing: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return code == ENOENT
    }

    public var description: String {
        switch self {
        case .system(let operation, let path, let code):
            "cannot \(operation) \(path): \(unsafe String(cString: strerror(code)))"
        case .format(let path, let fault): "\(path): \(fault)"
        case .refused(let path, let reason): "\(path): \(reason)"
        }
    }
}
