import CLinux
import Glibc

/// An open file. Owns the descriptor and closes it in `deinit`. Reads and writes are whole or fail.
struct StoreFile: ~Copyable {
    let path: String
    let descriptor: Int32
    private let mode: Mode

    enum Mode {
        case read
        case readWrite
        /// The file must not exist; it is made with mode 0600.
        case create
        /// Made with mode 0600 when missing; for files that only grow.
        case append
    }

    init(_ path: String, _ mode: Mode) throws(StoreFault) {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .append: O_RDWR | O_CREAT | O_APPEND
            }
        // A link in place of a file of ours is an attack or a mistake: never followed.
        descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.path = path
        self.mode = mode
        guard descriptor >= 0 else {
            throw .system(operation: mode == .create ? "create" : "open", path: path, errno: errno)
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        if mode != .read { FileLock.release(descriptor) }
        close(descriptor)
    }

    func fault(_ operation: String) -> StoreFault { .system(operation: operation, path: path, errno: errno) }

    func size() throws(StoreFault) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fault("examine") }
        return UInt64(status.st_size)
    }

    /// Replaces `buffer` by the bytes at `offset`: `count` of them, fewer only where the file ends.
    func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8]) throws(StoreFault) {
        var code: Int32 = 0
        buffer.removeAll(keepingCapacity: true)
        buffer.append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, filled in
                while filled < count, let base = target.baseAddress {
                    // SAFETY: `target` has room for `count` bytes; pread writes at most the rest of them.
                    let got = unsafe pread(descriptor, base + filled, count - filled, off_t(offset) + off_t(filled))
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { code = errno }
                    if got <= 0 { break }
                    filled += got
                }
            }
        }
        guard code == 0 else { throw .system(operation: "read", path: path, errno: code) }
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(StoreFault) {
        let code = unsafe bytes.withUnsafeBytes { unsafe Self.write($0, to: descriptor, at: offset) }
        guard code == 0 else { throw .system(operation: "write", path: path, errno: code) }
    }

    /// Writes all of `bytes` at `offset` of an open file. Returns errno(3), or 0 for success.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64) -> Int32 {
        var written = 0
        while written < bytes.count {
            // SAFETY: the address and the rest of the count stay inside `bytes`.
            let put = unsafe pwrite(
                descriptor, bytes.baseAddress! + written, bytes.count - written, off_t(offset) + off_t(written))
            if put < 0, errno == EINTR { continue }
            if put <= 0 { return put < 0 ? errno : EIO }
            written += put
        }
        return 0
    }

    /// Writes all of `head`, and all of `body` behind it. Returns errno(3), or 0 for success.
    static func write(
        _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) -> Int32 {
        // SAFETY: pwritev(2) only reads what the vectors name.
        let vectors: [2 of iovec] = unsafe [
            iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count),
        ]
        let put = unsafe vectors.span.withUnsafeBufferPointer {
            unsafe pwritev(descriptor, $0.baseAddress, 2, off_t(offset))
        }
        if put == head.count + body.count { return 0 }
        // Cut short, by a signal or a full disk: from the start again, which tells why.
        let code = unsafe write(head, to: descriptor, at: offset)
        return code != 0 ? code : unsafe write(body, to: descriptor, at: offset + UInt64(head.count))
    }

    /// Makes the file's bytes durable. A failure is final: the kernel may have dropped them (fsync(2)).
    func sync() throws(StoreFault) {
        guard fdatasync(descriptor) == 0 else { throw fault("sync") }
    }

    func truncate(to size: UInt64) throws(StoreFault) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw fault("cut") }
    }

    /// Removes the file's name. It is gone with the descriptor.
    func remove() { unsafe _ = unlink(path) }

    /// Allocates blocks without changing the size, so that writing there cannot fail for want of space. File systems
    /// without the call (EOPNOTSUPP) give no such promise.
    func reserve(_ count: UInt64, at offset: UInt64) throws(StoreFault) {
        while fallocate(descriptor, FALLOC_FL_KEEP_SIZE, off_t(offset), off_t(count)) != 0 {
            if errno == EINTR { continue }
            if errno == EOPNOTSUPP { return }
            throw fault("reserve space in")
        }
    }

    /// Takes the exclusive lock that tells a live owner from an abandoned file. False when another holds it.
    func lock() throws(StoreFault) -> Bool {
        if FileLock.take(descriptor) { return true }
        guard errno == EAGAIN else { throw fault("lock") }
        return false
    }

    /// Whether somebody holds the lock.
    func isLocked() -> Bool { FileLock.isTaken(descriptor) }

    /// Makes the names in a folder durable.
    static func syncFolder(_ path: String) throws(StoreFault) {
        let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .system(operation: "sync", path: path, errno: errno) }
    }

    /// Makes everything durable that was written to the file system of this folder: cheaper than file by file where
    /// there are many.
    static func syncFileSystem(of path: String) throws(StoreFault) {
        let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        defer { close(folder) }
        guard syncfs(folder) == 0 else { throw .system(operation: "sync", path: path, errno: errno) }
    }

    /// Makes a folder of mode 0700, and what is missing above it.
    static func makeFolder(_ path: String) throws(StoreFault) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .system(operation: "make the folder", path: path, errno: errno)
        }
        try makeFolder(String(path[..<slash]))
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .system(operation: "make the folder", path: path, errno: errno)
        }
    }

    /// The names in a folder, sorted, without hidden ones.
    static func names(in path: String) throws(StoreFault) -> [String] {
        guard let folder = unsafe opendir(path) else { throw .system(operation: "list", path: path, errno: errno) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                // SAFETY: readdir(3) ends d_name with a zero byte.
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
