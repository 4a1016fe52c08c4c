import CLinux
import Glibc

/// Owns one file descriptor; closed exactly once, by `deinit`. Programs that we start do not inherit it.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        precondition(number >= 0, "a descriptor could not be made: errno \(errno)")
        self.number = number
    }

    deinit { close(number) }

    /// A file without a name, in memory.
    static func memory(_ name: String) -> Descriptor {
        unsafe Descriptor(memfd_create(name, UInt32(MFD_CLOEXEC)))
    }

    /// Whoever reads may end first: then a write fails, and does not end us (signal(7)). Programs that we start have the signal
    /// as usual.
    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    static func pipe() -> (reader: Descriptor, writer: Descriptor) {
        _ = ignoresBrokenPipes
        var ends: [Int32] = [-1, -1]
        // SAFETY: pipe2 fills exactly two elements.
        unsafe _ = pipe2(&ends, O_CLOEXEC)
        return (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    static func null() -> Descriptor {
        unsafe Descriptor(open("/dev/null", O_RDWR | O_CLOEXEC))
    }

    /// Writes all of it. A reader that has gone is not our problem: whoever waits for it says so.
    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    func rewind() { lseek(number, 0, SEEK_SET) }

    /// All of a file, wherever others write or read in it.
    var contents: [UInt8] {
        let size = Int(lseek(number, 0, SEEK_END))
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let more = unsafe pread(number, buffer.baseAddress! + count, size - count, off_t(count))
                guard more > 0 else { break }
                count += more
            }
        }
    }

    func isReadable(withinMilliseconds limit: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, limit) > 0
    }
}
