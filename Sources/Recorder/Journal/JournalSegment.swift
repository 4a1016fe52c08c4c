import CLinux
import Glibc
import Protocols

/// One file of a lane's journal: allocated, filled and mapped before the first append, and used again and again.
///
/// Its first page says what it is: magic (8 bytes), epoch (4), state (4). Each use of the file has an epoch of its own, so
/// that records which an earlier use left behind never count again.
///
/// Owns the descriptor and the mapping. The loop appends behind what the compactor reads; they never touch the same bytes.
@safe
package final class JournalSegment: @unchecked Sendable {
    /// The first page. Records begin after it.
    static let headerBytes = 4096
    /// What a file is called until it is allocated and filled; a crash before that leaves such a name behind.
    static let draftSuffix = ".draft"
    /// A write makes one folio of the page cache, and each first touch of a page costs by its folio's length: measured with
    /// ext4, a segment filled by the MiB takes two and a half times as long to append to.
    private static let fillBytes = 64 << 10
    /// From here on the system call costs less than touching the pages.
    private static let longBytes = 4 << 10
    private static let magic: UInt64 = 0x314A_4C49_4152_5457  // "WTRAILJ1"

    let path: String
    let byteCount: Int
    private let descriptor: Int32
    private let memory: UnsafeMutableRawPointer
    /// The latest use of the file; 0 before the first one.
    private(set) var epoch: UInt32
    /// Whether its records count: not all of them are known to be in durable files.
    private(set) var isInUse = false

    /// Makes a segment file. A full disk is an error here, and can never be a SIGBUS later.
    init(create path: String, byteCount: Int) throws(StoreFault) {
        self.path = path
        self.byteCount = byteCount
        epoch = 0
        let draft = path + Self.draftSuffix
        descriptor = unsafe open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(operation: "create", path: draft, errno: errno) }
        do throws(StoreFault) {
            try Self.fill(descriptor, draft, byteCount)
            unsafe memory = try Self.map(descriptor, draft, byteCount)
        } catch {
            close(descriptor)
            unsafe _ = unlink(draft)
            throw error
        }
        guard unsafe rename(draft, path) == 0 else {
            let fault = StoreFault.system(operation: "rename", path: draft, errno: errno)
            unsafe _ = unlink(draft)
            throw fault
        }
    }

    /// Opens a segment that an earlier run left behind.
    ///
    /// - Throws: `.refused` when it is no segment: what it held would be lost without a word.
    init(open path: String) throws(StoreFault) {
        self.path = path
        descriptor = unsafe Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        epoch = 0
        do throws(StoreFault) {
            byteCount = try Self.size(descriptor, path)
            unsafe memory = try Self.map(descriptor, path, byteCount)
        } catch {
            close(descriptor)
            throw error
        }
        // SAFETY: the mapping is longer than its header page.
        let found = unsafe UInt64(littleEndian: memory.load(as: UInt64.self))
        guard found == Self.magic || found == 0 else {
            throw .refused(path: path, reason: "is damaged; keep it for an inquiry and move it away")
        }
        epoch = unsafe UInt32(littleEndian: memory.load(fromByteOffset: 8, as: UInt32.self))
        isInUse = unsafe memory.load(fromByteOffset: 12, as: UInt32.self) != 0
    }

    deinit {
        unsafe _ = munmap(memory, byteCount)
        close(descriptor)
    }

    /// The number in the file's name.
    var number: Int? { path.split(separator: "/").last.flatMap { Int($0.dropLast(4)) } }

    /// All of the file.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            // SAFETY: the mapping lives as long as self; the reader stays behind the published position.
            let span = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(start: memory, count: byteCount))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The memory behind `offset`, for the lane that appends.
    func address(_ offset: Int) -> UnsafeMutableRawPointer { unsafe memory + offset }

    /// Puts `head` and `body` at `offset`, where there is room for them: into the same pages by either way.
    @inline(__always)
    func put(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, at offset: Int) throws(StoreFault) {
        guard body.count < Self.longBytes else { return try unsafe write(head, body, at: offset) }
        // SAFETY: the caller has room for both; a head is never empty.
        unsafe _ = memcpy(memory + offset, head.baseAddress!, head.count)
        if let source = body.baseAddress { unsafe _ = memcpy(memory + offset + head.count, source, body.count) }
    }

    /// The head goes with the body: touched by itself, its page would cost a fault, and a word to all cores when it is synced.
    private func write(
        _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, at offset: Int
    ) throws(StoreFault) {
        let code = unsafe StoreFile.write(head, body, to: descriptor, at: UInt64(offset))
        guard code == 0 else { throw .system(operation: "write", path: path, errno: code) }
    }

    /// Begins a new use of the file: whatever it held counts no more.
    func begin(epoch: UInt32) {
        self.epoch = epoch
        isInUse = true
        // SAFETY: the header page and the first envelope lie in the mapping.
        unsafe memory.storeBytes(of: 0, toByteOffset: Self.headerBytes, as: UInt64.self)
        unsafe memory.storeBytes(of: Self.magic.littleEndian, as: UInt64.self)
        unsafe memory.storeBytes(of: epoch.littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe memory.storeBytes(of: UInt32(1).littleEndian, toByteOffset: 12, as: UInt32.self)
    }

    /// Ends a use of the file: everything in it is kept elsewhere.
    func retire() {
        isInUse = false
        // SAFETY: within the header page.
        unsafe memory.storeBytes(of: 0, toByteOffset: 12, as: UInt32.self)
    }

    /// Removes the file of a segment that is not in use.
    func remove() { unsafe _ = unlink(path) }

    /// Makes everything appended so far durable. A failure is final (fsync(2)).
    func sync() throws(StoreFault) {
        guard fdatasync(descriptor) == 0 else { throw .system(operation: "sync", path: path, errno: errno) }
    }

    private static func size(_ descriptor: Int32, _ path: String) throws(StoreFault) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(operation: "examine", path: path, errno: errno)
        }
        guard status.st_size >= 2 * headerBytes else {
            throw .refused(path: path, reason: "is too short to be a journal segment; move it away")
        }
        return Int(status.st_size)
    }

    private static func fill(_ descriptor: Int32, _ path: String, _ byteCount: Int) throws(StoreFault) {
        let code = posix_fallocate(descriptor, 0, off_t(byteCount))
        guard code == 0 else { throw .system(operation: "allocate", path: path, errno: code) }
        let zeroes = [UInt8](repeating: 0, count: fillBytes)
        var offset = 0
        while offset < byteCount {
            let piece = zeroes.span.extracting(first: byteCount - offset)
            let code = unsafe piece.withUnsafeBytes { unsafe StoreFile.write($0, to: descriptor, at: UInt64(offset)) }
            guard code == 0 else { throw .system(operation: "fill", path: path, errno: code) }
            offset += piece.count
        }
        guard fdatasync(descriptor) == 0 else { throw .system(operation: "sync", path: path, errno: errno) }
    }

    private static func map(
        _ descriptor: Int32, _ path: String, _ byteCount: Int
    ) throws(StoreFault) -> UnsafeMutableRawPointer {
        let memory = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw .system(operation: "map", path: path, errno: errno)
        }
        return unsafe memory
    }
}
