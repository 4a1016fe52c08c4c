import Glibc
import Protocols

/// Small text files, and what lies in folders.
enum FileTree {
    /// The regular files below a folder, sorted by name. Links are not followed.
    static func files(below folder: String) throws(CaptureFailure) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw .system(path: folder, errno: errno) }
        // SAFETY: the stream is open until here, and used on this thread alone.
        defer { unsafe closedir(stream) }
        var files: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                // SAFETY: d_name is a C string within the entry, which lives until the next call.
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let path = "\(folder)/\(name)"
            switch kind(of: path) {
            case S_IFDIR: files += try Self.files(below: path)
            case S_IFREG: files.append(path)
            default: break
            }
        }
        return files.sorted()
    }

    /// `nil` where there is no such file.
    static func readText(_ path: String) throws(CaptureFailure) -> String? {
        guard unsafe access(path, F_OK) == 0 else { return nil }
        return String(decoding: try CaptureSource.contents(path), as: UTF8.self)
    }

    /// Replaces the file, or makes it.
    static func writeText(_ text: String, to path: String) throws(CaptureFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system(path: path, errno: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            // SAFETY: the array lives through the call, and no more than its rest is read.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress! + written, $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path: path, errno: errno) }
            written += count
        }
    }

    private static func kind(of path: String) -> mode_t {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    }
}
