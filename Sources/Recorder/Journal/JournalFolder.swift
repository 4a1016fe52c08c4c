import CLinux
import Glibc

/// The folder of the journal's segments. Whoever holds its lock is the one gateway that uses it.
package final class JournalFolder: Sendable {
    let path: String
    private let lock: Int32

    package init(_ state: String) throws(RecorderError) {
        path = "\(state)/journal"
        do throws(StoreFault) { try StoreFile.makeFolder(path) } catch { throw .store(error) }
        let lockPath = "\(path)/lock"
        lock = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .store(.system(operation: "open", path: lockPath, errno: errno)) }
        guard FileLock.take(lock) else {
            let owner = Self.owner(lock)
            close(lock)
            throw .locked(path: path, by: owner)
        }
        let pid = Array("\(getpid())\n".utf8)
        _ = ftruncate(lock, 0)
        unsafe _ = pwrite(lock, pid, pid.count, 0)
    }

    deinit {
        FileLock.release(lock)
        close(lock)
    }

    /// The segment files that are there, by name. Those that a crash kept from being finished are removed.
    package func segments() throws(StoreFault) -> [JournalSegment] {
        var found: [JournalSegment] = []
        for name in try StoreFile.names(in: path) {
            if name.hasSuffix(".wtj") { found.append(try JournalSegment(open: "\(path)/\(name)")) }
            if name.hasSuffix(JournalSegment.draftSuffix) { unsafe _ = unlink("\(path)/\(name)") }
        }
        return found
    }

    func makeSegment(_ number: Int, byteCount: Int) throws(StoreFault) -> JournalSegment {
        let segment = try JournalSegment(create: "\(path)/\(number).wtj", byteCount: byteCount)
        try StoreFile.syncFolder(path)
        return segment
    }

    private static func owner(_ lock: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 20)
        let count = unsafe pread(lock, &text, text.count, 0)
        let pid = String(decoding: text.prefix(max(0, count)), as: UTF8.self).filter(\.isNumber)
        return pid.isEmpty ? "another gateway" : "the gateway with process id \(pid)"
    }
}
