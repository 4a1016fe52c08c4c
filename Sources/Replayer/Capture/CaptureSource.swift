import Adapters
import Glibc
import Protocols

/// The bytes of a capture file, unpacked where it is gzip. Owns the descriptor and closes it, unless it is standard input's.
final class CaptureSource {
    /// What is read from a gzip file at a time.
    private static let compressedCount = 256 << 10

    let path: String
    /// Without its folder.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    /// What the file's size is, where it has one.
    let size: UInt64?
    /// Bytes read of the file so far.
    private(set) var position: UInt64 = 0

    private let descriptor: Int32
    private var gzip: GzipStream?
    private var compressed: [UInt8] = []
    private var isBegun = false
    private var isWithinMember = false

    /// - Parameter path: "-" for standard input.
    init(_ path: String) throws(CaptureFailure) {
        self.path = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path: path, errno: errno) }
        var status = stat()
        let isRegular = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? UInt64(status.st_size) : nil
    }

    /// The digest of a file as it lies there, packed or not.
    static func sha256(_ path: String) throws(CaptureFailure) -> [UInt8] {
        let source = try CaptureSource(path)
        var digest = SHA256()
        var bytes: [UInt8] = []
        while try source.readFile(compressedCount, appendingTo: &bytes) > 0 {
            digest.update(bytes.span)
            bytes.removeAll(keepingCapacity: true)
        }
        return digest.finalize()
    }

    /// All of a file as it lies there.
    static func contents(_ path: String) throws(CaptureFailure) -> [UInt8] {
        let source = try CaptureSource(path)
        var bytes: [UInt8] = []
        while try source.readFile(compressedCount, appendingTo: &bytes) > 0 {}
        return bytes
    }

    deinit { if descriptor > STDIN_FILENO { close(descriptor) } }

    /// Appends what follows: at most `count` bytes, and none only at the end.
    ///
    /// - Returns: false at the end.
    func read(_ count: Int, appendingTo block: inout [UInt8]) throws(CaptureFailure) -> Bool {
        if !isBegun {
            isBegun = true
            try begin()
        }
        guard let gzip else {
            if !compressed.isEmpty {
                block += exchange(&compressed, with: [])
                return true
            }
            return try readFile(count, appendingTo: &block) > 0
        }
        return try unpack(gzip, count, appendingTo: &block)
    }

    private func begin() throws(CaptureFailure) {
        while compressed.count < 2, try readFile(Self.compressedCount, appendingTo: &compressed) > 0 {}
        if GzipStream.begins(compressed.span) { gzip = GzipStream() }
    }

    private func unpack(
        _ gzip: GzipStream, _ count: Int, appendingTo block: inout [UInt8]
    ) throws(CaptureFailure) -> Bool {
        let before = block.count
        while block.count == before {
            if compressed.isEmpty, try readFile(Self.compressedCount, appendingTo: &compressed) == 0 {
                guard !isWithinMember else { throw .damagedCompression(path: path) }
                return false
            }
            do throws(GzipStream.Fault) {
                let progress = try gzip.decompress(compressed.span, limit: count, appendingTo: &block)
                isWithinMember = !progress.isBetweenMembers
                compressed.removeFirst(progress.consumed)
            } catch { throw .damagedCompression(path: path) }
        }
        return true
    }

    private func readFile(_ count: Int, appendingTo block: inout [UInt8]) throws(CaptureFailure) -> Int {
        var got = 0
        block.append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, filled in
                repeat {
                    // SAFETY: `target` has room for `count` bytes; read writes at most so many.
                    got = unsafe Glibc.read(descriptor, target.baseAddress, count)
                } while got < 0 && errno == EINTR
                filled = max(0, got)
            }
        }
        guard got >= 0 else { throw .system(path: path, errno: errno) }
        position += UInt64(got)
        return got
    }
}
