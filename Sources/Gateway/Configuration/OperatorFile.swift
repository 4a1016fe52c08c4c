import Glibc
import Protocols

/// A file that whoever runs the gateway has written: configuration, password, key. Owns the descriptor and closes it.
struct OperatorFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private let status: stat

    private init(_ path: String, _ descriptor: Int32) {
        (self.path, self.descriptor) = (path, descriptor)
        var status = stat()
        // A descriptor of ours: it cannot fail but by a mistake in this file, and then all is zero and refused.
        _ = unsafe fstat(descriptor, &status)
        self.status = status
    }

    /// - Throws: when it is not there, not ours to read, or no plain file.
    static func open(_ path: String) throws(SettingsFault) -> OperatorFile {
        // Not to be kept waiting by a pipe that nobody writes to.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        let file = OperatorFile(path, descriptor)
        guard file.status.st_mode & S_IFMT == S_IFREG else {
            throw SettingsFault(cause: "\(path) is no plain file", remedy: "name a file")
        }
        return file
    }

    deinit { close(descriptor) }

    private var mode: String { String(status.st_mode & 0o777, radix: 8) }

    /// What others may write to says what others want.
    func checkOwned() throws(SettingsFault) {
        guard status.st_mode & 0o002 == 0 else {
            throw SettingsFault(
                cause: "everybody may write to \(path) (mode \(mode))", remedy: "run: chmod o-w '\(path)'")
        }
    }

    /// As PostgreSQL holds it with its key (manual §19.9.1): ours and closed to everybody else, or root's and open to a
    /// group of ours for reading.
    func checkSecret() throws(SettingsFault) {
        let (owner, mode) = (status.st_uid, status.st_mode & 0o777)
        guard owner == geteuid() || owner == 0 else {
            throw SettingsFault(cause: "\(path) belongs to another user", remedy: "run: chown \(geteuid()) '\(path)'")
        }
        guard mode & ~(owner == 0 ? 0o640 : 0o600) == 0 else {
            throw SettingsFault(
                cause: "others may open \(path) (mode \(self.mode))", remedy: "run: chmod 600 '\(path)'")
        }
    }

    /// Not to be read by everybody: its verifiers could be guessed at.
    func checkConfidential() throws(SettingsFault) {
        guard status.st_mode & 0o004 == 0 else {
            throw SettingsFault(
                cause: "everybody may read \(path) (mode \(mode)), and it holds users' verifiers or tokens' hashes",
                remedy: "run: chmod o-r '\(path)'")
        }
    }

    /// - Parameter limit: in bytes.
    func read(limit: Int) throws(SettingsFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            // SAFETY: the chunk has room for as many bytes as are asked for.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path, errno) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw SettingsFault(cause: "\(path) has more than \(limit) bytes", remedy: "is it the right file?")
            }
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> SettingsFault {
        // SAFETY: strerror returns a C string; glibc keeps it per thread.
        let reason = unsafe String(cString: strerror(code))
        return SettingsFault(
            cause: "cannot read \(path): \(reason)",
            remedy: code == ENOENT ? "check the path" : "look at it: ls -l '\(path)'")
    }
}

/// Why a file that the configuration names is of no use any more; fit to be shown.
public struct FileUnusable: Error, Sendable, Hashable, CustomStringConvertible {
    public var cause: String
    public var remedy: String

    public var description: String { "\(cause); \(remedy)" }

    init(_ fault: SettingsFault) { (cause, remedy) = (fault.cause, fault.remedy) }
}
