import Adapters
import Glibc
import Protocols
import Recorder

/// A file that is being written within a folder of ours: hashed and counted as it grows. Closed in `deinit`.
final class FolderFile {
    private static let bufferByteCount = 64 << 10

    let path: String
    private(set) var byteCount: UInt64 = 0
    private let descriptor: Int32
    private var digest = SHA256()
    private var buffer: [UInt8] = []

    /// Must not exist. No link is followed.
    init(_ name: String, in folder: String, _ folderDescriptor: Int32) throws(StoreFault) {
        path = "\(folder)/\(name)"
        // SAFETY: the name is copied by the call.
        descriptor = unsafe openat(folderDescriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(operation: "create", path: path, errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func append(_ bytes: Span<UInt8>) throws(StoreFault) {
        digest.update(bytes)
        byteCount += UInt64(bytes.count)
        buffer.append(bytes)
        if buffer.count >= Self.bufferByteCount { try flush() }
    }

    /// All is written; the hash of it.
    func finish() throws(StoreFault) -> [UInt8] {
        try flush()
        return digest.finalize()
    }

    private func flush() throws(StoreFault) {
        defer { buffer.removeAll(keepingCapacity: true) }
        try buffer.span.write(to: descriptor, path)
    }
}
