import CLinux
import Glibc
import Recorder
import Testing
import WireTestKit

/// A file system of a few MiB, which can be filled up and emptied again. Mounting takes root.
final class SmallDisk {
    let path: String
    private var ballast: String { "\(path)/ballast" }

    init(_ path: String, byteCount: Int) async throws {
        self.path = path
        try await Command("mkdir", ["-p", path]).output()
        try await Command("mount", ["-t", "tmpfs", "-o", "size=\(byteCount),mode=700", "tmpfs", path]).output()
    }

    deinit { unsafe _ = umount2(path, Int32(MNT_DETACH)) }

    /// Takes all space but this.
    func fill(except free: UInt64 = 0) {
        let file = unsafe open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        var size = lseek(file, 0, Int32(SEEK_END))
        while freeBytes > free, posix_fallocate(file, size, 4096) == 0 { size += 4096 }
    }

    func empty() { unsafe _ = unlink(ballast) }

    private var freeBytes: UInt64 {
        var status = statvfs()
        unsafe _ = statvfs(path, &status)
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}
