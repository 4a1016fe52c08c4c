import Glibc
public import Recorder

/// A file that an export makes. Never replaces anything, never follows a link; what is not finished is removed.
public struct ExportFile: ~Copyable {
    public let path: String
    private let descriptor: Int32
    private var isFinished = false

    /// - Throws: `.system` when something stands at `path`, or it cannot be made.
    public init(_ path: String) throws(StoreFault) {
        // SAFETY: the path is copied by the call.
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw .system(operation: "create", path: path, errno: errno) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        // SAFETY: the path is copied by the call.
        if !isFinished { unsafe _ = unlink(path) }
    }

    public func write(_ bytes: Span<UInt8>) throws(StoreFault) { try bytes.write(to: descriptor, path) }

    /// The file stays.
    public mutating func finish() { isFinished = true }
}

extension Span<UInt8> {
    /// Writes all of it, however little the kernel takes at once.
    func write(to descriptor: Int32, _ path: String) throws(StoreFault) {
        let code = unsafe withUnsafeBytes { source -> Int32 in
            var written = 0
            while written < source.count {
                // SAFETY: the address and the rest of the count stay inside `source`.
                let put = unsafe Glibc.write(descriptor, source.baseAddress! + written, source.count - written)
                if put < 0, errno == EINTR { continue }
                if put <= 0 { return put < 0 ? errno : EIO }
                written += put
            }
            return 0
        }
        guard code == 0 else { throw .system(operation: "write", path: path, errno: code) }
    }
}
