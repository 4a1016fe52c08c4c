import CLinux
import Glibc

/// The memory that a loop's connections read into. A connection leases a piece only while bytes are in flight, so
/// an idle connection holds none and a busy loop needs few.
@safe
final class BufferPool {
    /// Measured: 64 KiB relays bulk data as fast as 128, and half as much lies in the caches.
    static let size = 64 << 10
    /// More than this is given back to the system at once.
    static let spareLimit = 16

    private var spare: [UnsafeMutableRawBufferPointer] = unsafe []

    deinit { trim(to: 0) }

    var spareCount: Int { unsafe spare.count }

    func take() -> UnsafeMutableRawBufferPointer {
        unsafe spare.popLast() ?? Self.map()
    }

    func giveBack(_ memory: UnsafeMutableRawBufferPointer) {
        if spareCount < Self.spareLimit { unsafe spare.append(memory) } else { unsafe Self.unmap(memory) }
    }

    func trim(to count: Int) {
        while spareCount > count { unsafe Self.unmap(spare.removeLast()) }
    }

    private static func map() -> UnsafeMutableRawBufferPointer {
        // SAFETY: an anonymous mapping of our own. MAP_FAILED is -1.
        let start = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(unsafe start != MAP_FAILED, "out of memory")
        return unsafe UnsafeMutableRawBufferPointer(start: start, count: size)
    }

    static func unmap(_ memory: UnsafeMutableRawBufferPointer) {
        // SAFETY: it came from `map`, and its only holder gives it up.
        unsafe _ = munmap(memory.baseAddress, memory.count)
    }
}

/// A piece of a loop's memory with the bytes that were read into it and not yet consumed. It goes back when the
/// value ends, so it should not live across an `await` unless it holds the beginning of a message.
@safe
public struct Buffer: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    private let loop: EventLoop
    private var start = 0
    private var end = 0

    fileprivate init(_ memory: UnsafeMutableRawBufferPointer, of loop: EventLoop) {
        unsafe self.memory = unsafe memory
        self.loop = loop
    }

    deinit {
        if loop.isCurrent { unsafe loop.buffers.giveBack(memory) } else { unsafe BufferPool.unmap(memory) }
    }

    public var capacity: Int { unsafe memory.count }
    public var count: Int { end - start }
    public var isEmpty: Bool { start == end }
    /// No more can be read before something is consumed.
    public var isFull: Bool { count == capacity }

    /// What was read and not consumed.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            let readable = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end])
            // SAFETY: the memory is initialized, being mapped, and lives as long as this value.
            let span = unsafe Span<UInt8>(_unsafeBytes: readable)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Drops bytes at the front.
    public mutating func consume(_ length: Int) {
        precondition(length >= 0 && length <= count)
        start += length
        if start == end { (start, end) = (0, 0) }
    }

    /// Lets `fill` write behind the bytes; it returns how many it wrote.
    mutating func append(_ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        if end == capacity || start > capacity / 2 { moveToFront() }
        let written = unsafe fill(UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        end += max(0, written)
        return written
    }

    private mutating func moveToFront() {
        // SAFETY: both ranges lie in the memory; memmove allows them to overlap.
        unsafe _ = memmove(memory.baseAddress!, memory.baseAddress! + start, count)
        (start, end) = (0, count)
    }
}

extension EventLoop {
    /// Leases an empty buffer, best after `readable()` and not before it.
    public func lease() -> Buffer {
        assert(isCurrent)
        return unsafe Buffer(buffers.take(), of: self)
    }
}
