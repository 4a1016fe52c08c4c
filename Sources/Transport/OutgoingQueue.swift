import CLinux
import Glibc
import Protocols

/// The bytes that wait for a peer, in blocks, and how many of them may go.
///
/// Every byte carries the journal position that must be safe before it leaves. Positions only grow, so what may go
/// is always a prefix.
@safe
struct OutgoingQueue: ~Copyable {
    private static let blockSizes = (4 << 10)...(64 << 10)
    /// How many buffers one sendmsg(2) takes from us.
    private static let vectorLimit = 16
    /// Beyond this many positions, neighbours wait for the later one of both.
    private static let markLimit = 1024

    private struct Mark {
        var position: UInt64
        /// Where its bytes end, counted from the first byte that ever came.
        var end: UInt64
    }

    private var blocks = Fifo<Block>()
    private var marks = Fifo<Mark>()
    private var added: UInt64 = 0
    private var removed: UInt64 = 0
    /// Up to here bytes may go.
    private var releasedEnd: UInt64 = 0
    private(set) var released: UInt64 = 0

    var count: Int { Int(added - removed) }
    var isEmpty: Bool { added == removed }
    /// Whether anything may go.
    var hasReleased: Bool { releasedEnd > removed }

    deinit { for index in 0..<blocks.count { blocks[index].deallocate() } }

    mutating func append(_ bytes: UnsafeRawBufferPointer, position: UInt64) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            if blocks.last?.room ?? 0 == 0 { blocks.append(Block(capacity: Self.blockSize(for: unsafe rest.count))) }
            let taken = unsafe blocks.last!.append(UnsafeRawBufferPointer(rebasing: rest))
            unsafe rest = rest.dropFirst(taken)
        }
        added += UInt64(bytes.count)
        if position <= released, marks.isEmpty { releasedEnd = added } else { mark(position) }
    }

    private mutating func mark(_ position: UInt64) {
        if let last = marks.last, last.position >= position || marks.count >= Self.markLimit {
            marks.last = Mark(position: max(position, last.position), end: added)
        } else {
            marks.append(Mark(position: position, end: added))
        }
    }

    mutating func release(upTo position: UInt64) {
        released = max(released, position)
        while let mark = marks.first, mark.position <= released {
            releasedEnd = mark.end
            _ = marks.popFirst()
        }
    }

    /// Lends out the first of the bytes that may go.
    func withReleased(_ body: (UnsafeBufferPointer<iovec>) -> Int) -> Int {
        // SAFETY: at most `vectorLimit` vectors are initialized, each within its block.
        unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.vectorLimit) { vectors in
            var used = 0
            var rest = Int(releasedEnd - removed)
            while used < min(Self.vectorLimit, blocks.count), rest > 0 {
                let bytes = unsafe blocks[used].bytes
                let length = min(bytes.count, rest)
                unsafe vectors.initializeElement(
                    at: used, to: iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: length)
                )
                rest -= length
                used += 1
            }
            return unsafe body(UnsafeBufferPointer(rebasing: vectors[..<used]))
        }
    }

    /// Drops bytes that have gone.
    mutating func removeFirst(_ length: Int) {
        removed += UInt64(length)
        var rest = length
        while rest > 0 {
            let taken = min(rest, unsafe blocks[0].bytes.count)
            blocks[0].removeFirst(taken)
            rest -= taken
            if unsafe blocks[0].bytes.isEmpty { blocks.popFirst()?.deallocate() }
        }
    }

    private static func blockSize(for count: Int) -> Int {
        min(max(count, blockSizes.lowerBound), blockSizes.upperBound)
    }
}

/// Memory of the queue; whoever takes it out of the queue frees it.
@safe
private struct Block {
    private let memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    init(capacity: Int) {
        unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    }

    var room: Int { unsafe memory.count - end }
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

    /// - Returns: how many fitted.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let length = min(room, bytes.count)
        // SAFETY: both hold `length` bytes.
        unsafe _ = memcpy(memory.baseAddress! + end, bytes.baseAddress!, length)
        end += length
        return length
    }

    mutating func removeFirst(_ length: Int) { start += length }

    func deallocate() { unsafe memory.deallocate() }
}
