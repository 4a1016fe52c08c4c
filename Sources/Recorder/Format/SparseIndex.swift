public import Protocols

/// Where a group of segments begins, and the hash over them.
public struct IndexEntry: Sendable, Hashable {
    public static let byteCount = 88

    /// The first segment of the group.
    public var number: UInt64
    /// Where in the file its header begins.
    public var fileOffset: UInt64
    public var firstSequence: UInt64
    public var firstTime: Timestamp
    public var offsets: StreamOffsets
    /// The tree hash (RFC 6962) over the group's leaves.
    public var hash: TreeHash

    func write(into output: inout [UInt8]) {
        output.appendLE(number)
        output.appendLE(fileOffset)
        output.appendLE(firstSequence)
        output.appendLE(firstTime.monotonicNanoseconds)
        output.appendLE(firstTime.wallNanoseconds)
        output.appendLE(offsets.clientToServer)
        output.appendLE(offsets.serverToClient)
        output.append(contentsOf: hash)
    }

    /// `bytes` holds at least one entry.
    init(_ bytes: Span<UInt8>) {
        func wide(_ offset: Int) -> UInt64 { bytes.uint64LE(at: offset) ?? 0 }
        number = wide(0)
        fileOffset = wide(8)
        firstSequence = wide(16)
        firstTime = Timestamp(monotonicNanoseconds: wide(24), wallNanoseconds: Int64(bitPattern: wide(32)))
        offsets = StreamOffsets(clientToServer: wide(40), serverToClient: wide(48))
        hash = [UInt8](copying: bytes.extracting(56..<88))
    }

    init(_ header: SegmentHeader, at fileOffset: UInt64, hash: TreeHash) {
        number = header.number
        self.fileOffset = fileOffset
        firstSequence = header.firstSequence
        firstTime = header.firstTime
        offsets = header.offsets
        self.hash = hash
    }
}

/// The index of one recording: an entry per `stride` segments, never more than 4,096.
///
/// The stride begins at 1 and doubles whenever the entries are full. Being a power of two, it makes every group a
/// subtree of RFC 6962: two neighbours merge into one by one hash, and the entries' hashes give the whole tree's root.
/// So the index says which segments were altered, and memory stays bounded however long the recording.
public struct SparseIndex<Hash: Digest & ~Copyable>: Sendable {
    public private(set) var stride: UInt64 = 1
    public private(set) var entries: [IndexEntry] = []
    /// The leaves of the last entry's group.
    private var group = MerkleTree<Hash>()

    public init() {}

    public mutating func append(_ header: SegmentHeader, at fileOffset: UInt64, leaf: TreeHash) {
        if entries.isEmpty || group.count == stride {
            if entries.count == IndexFrame.entriesMaximum { halve() }
            entries.append(IndexEntry(header, at: fileOffset, hash: leaf))
            group = MerkleTree()
        }
        group.append(leaf)
        entries[entries.count - 1].hash = group.root
    }

    /// Merges each two neighbours. The groups are all full then, so the next leaf opens a new one.
    private mutating func halve() {
        var merged: [IndexEntry] = []
        merged.reserveCapacity(IndexFrame.entriesMaximum)
        for index in Swift.stride(from: 0, to: entries.count, by: 2) {
            var entry = entries[index]
            entry.hash = MerkleTree<Hash>.node(entry.hash, entries[index + 1].hash)
            merged.append(entry)
        }
        entries = merged
        stride *= 2
    }

    /// The length of the INDEX frame as it would be written now.
    public var frameByteCount: Int { FrameHead.byteCount + 16 + entries.count * IndexEntry.byteCount + 4 }

    /// The INDEX frame. `leaves` is the count of segments.
    public func encoded<Sum: Checksum>(recording: RecordingID, leaves: UInt64, checksum: Sum.Type) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(frameByteCount)
        FrameHead.write(
            .index, frameByteCount: frameByteCount, recording: recording, number: leaves, into: &frame)
        frame.appendLE(stride)
        frame.appendLE(UInt64(entries.count))
        for entry in entries { entry.write(into: &frame) }
        FrameHead.close(&frame, from: 0, checksum)
        return frame
    }
}

/// An INDEX frame as read.
public struct IndexFrame: Sendable, Hashable {
    public static let entriesMaximum = 4096
    public static let byteCountMaximum = FrameHead.byteCount + 20 + entriesMaximum * IndexEntry.byteCount

    public var recording: RecordingID
    public var leaves: UInt64
    public var stride: UInt64
    public var entries: [IndexEntry]

    /// `frame` is the frame and nothing else.
    public init<Sum: Checksum>(_ frame: Span<UInt8>, checksum: Sum.Type) throws(FormatFault) {
        let head = try FrameHead.parse(frame)
        guard head.kind == .index, head.frameByteCount == frame.count, frame.count >= FrameHead.byteCount + 20 else {
            throw FormatFault(.malformed, "no INDEX frame where one must be")
        }
        guard FrameHead.isIntact(frame, checksum) else {
            throw FormatFault(.mismatch, "the INDEX does not fit its checksum", at: frame.count - 4)
        }
        guard let stride = frame.uint64LE(at: 40), let count = frame.uint64LE(at: 48), stride > 0,
            stride & (stride - 1) == 0, count <= IndexFrame.entriesMaximum,
            FrameHead.byteCount + 20 + Int(count) * IndexEntry.byteCount == frame.count
        else { throw FormatFault(.malformed, "the INDEX has impossible sizes", at: 40) }
        recording = head.recording
        leaves = head.number
        self.stride = stride
        entries = (0..<Int(count)).map { IndexEntry(frame.extracting((56 + $0 * IndexEntry.byteCount)...)) }
        for (index, entry) in entries.enumerated() where entry.number != UInt64(index) * stride {
            throw FormatFault(.malformed, "the INDEX names the wrong segments", at: 56 + index * IndexEntry.byteCount)
        }
    }
}
