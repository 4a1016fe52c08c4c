import Adapters
import Protocols

/// Writes one `.wtr` file. The one owner of its handle, and of the lock that says that the recording is live.
///
/// Space for a segment, and for the INDEX and END after it, is allocated before the first byte of the segment is
/// written: a full disk can stop a recording, never keep it from being sealed. Not for use from two threads at once.
public final class RecordingWriter {
    public let recording: RecordingID
    public var path: String { file.path }
    /// What the segments so far leave to the next one to be planned.
    public let resumed: SegmentPlanner
    /// The stored size: where the next segment goes.
    public private(set) var size: UInt64
    /// The number that the next segment must have.
    public var nextNumber: UInt64 { tree.count }
    /// The last sequence that a segment holds; 0 for none.
    public private(set) var lastSequence: UInt64 = 0
    /// The tree hash over the segments so far, for CHECKPOINT records.
    public var checkpoint: CheckpointFacts { CheckpointFacts(leaves: tree.count, root: tree.root) }

    private let file: StoreFile
    private var tree = RecordingTree()
    private var index = RecordingIndex()
    private var totals = RecordingTotals()
    private var isFolderSynced = false
    /// Up to here blocks are allocated.
    private var reservedTo: UInt64 = 0
    /// The most that is allocated ahead of what is written.
    private static let reserveMaximum: UInt64 = 4 << 20

    /// Makes the file, exclusively, with mode 0600, and the folder of its day.
    ///
    /// - Parameters:
    ///   - wallNanoseconds: when the recording begins, since 1970; part of the file's name.
    ///   - byteCount: of the first segment, where that is there already: its space is allocated at once.
    public init(
        create recording: RecordingID, in folder: RecordingsFolder, at wallNanoseconds: Int64,
        expecting byteCount: Int = 0
    ) throws(StoreFault) {
        file = try Self.create(folder, recording, wallNanoseconds)
        self.recording = recording
        resumed = SegmentPlanner(recording)
        size = 0
        do throws(StoreFault) {
            guard try file.lock() else { throw .refused(path: file.path, reason: "another process has locked it") }
            try reserve(forSegmentOf: byteCount)
        } catch {
            // An empty file would keep the next attempt from making it.
            file.remove()
            throw error
        }
    }

    /// The folder of a day is made with its first recording.
    private static func create(
        _ folder: RecordingsFolder, _ recording: RecordingID, _ wallNanoseconds: Int64
    ) throws(StoreFault) -> StoreFile {
        let path = folder.recordingPath(recording, wallNanoseconds)
        do throws(StoreFault) { return try StoreFile(path, .create) } catch {
            guard error.isMissing else { throw error }
            try StoreFile.makeFolder(folder.dayFolder(wallNanoseconds))
            return try StoreFile(path, .create)
        }
    }

    /// Goes on with a file whose valid segments `scan` has found, and cuts off the rest.
    init(resuming file: consuming StoreFile, _ recording: RecordingID, _ scan: ResumedState) throws(StoreFault) {
        self.file = file
        self.recording = recording
        resumed = SegmentPlanner(
            recording, number: scan.tree.count, nextSequence: scan.totals.lastSequence + 1,
            offsets: scan.totals.offsets)
        size = scan.end
        tree = scan.tree
        index = scan.index
        totals = scan.totals
        lastSequence = scan.totals.lastSequence
        try self.file.truncate(to: size)
        try reserve(to: size + UInt64(sealByteCount))
    }

    /// Writes the next segment; durable only after ``sync()``. After a throw the file is as long as before.
    public func append(_ segment: EncodedSegment) throws(StoreFault) {
        let header = segment.header
        precondition(
            header.recording == recording && header.number == nextNumber && header.firstSequence == lastSequence + 1,
            "segments are appended in order")
        try reserve(forSegmentOf: segment.bytes.count)
        do throws(StoreFault) { try file.write(segment.bytes.span, at: size) } catch {
            try file.truncate(to: size)
            reservedTo = size
            throw error
        }
        tree.append(segment.leaf)
        index.append(header, at: size, leaf: segment.leaf)
        totals.add(header, offsetsAfter: segment.offsetsAfter)
        lastSequence = header.lastSequence
        size += UInt64(segment.bytes.count)
    }

    /// Allocates what a segment takes, and what INDEX and END take behind it.
    private func reserve(forSegmentOf byteCount: Int) throws(StoreFault) {
        try reserve(to: size + UInt64(byteCount + sealByteCount + IndexEntry.byteCount))
    }

    /// Allocates up to here, and beyond that as much again as there is, so that few calls do for many segments.
    private func reserve(to end: UInt64) throws(StoreFault) {
        guard end > reservedTo else { return }
        let goal = end + min(size, Self.reserveMaximum)
        do throws(StoreFault) {
            try file.reserve(goal - size, at: size)
            reservedTo = goal
        } catch {
            guard error.isFullDisk, goal > end else { throw error }
            try file.reserve(end - size, at: size)
            reservedTo = end
        }
    }

    /// Makes all segments so far durable, and the file's name with the first call. A failure is final.
    public func sync() throws(StoreFault) {
        try file.sync()
        guard !isFolderSynced else { return }
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        try StoreFile.syncFolder(String(folder))
        try StoreFile.syncFolder(String(folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex)))
        isFolderSynced = true
    }

    /// Writes INDEX and END; durable only after ``sync()``, the one thing that the writer is still good for. After a throw
    /// it may be called again.
    public func seal(
        _ cause: EndFrame.Cause, sessionNumber: UInt64, key: GatewayKey
    ) throws(StoreFault) -> EndFrame {
        let indexFrame = index.encoded(recording: recording, leaves: tree.count, checksum: CRC32C.self)
        let unsigned = EndFrame(
            recording: recording, leaves: tree.count, root: tree.root, indexHash: SHA256.hash(indexFrame.span),
            indexOffset: size, records: totals.records, rawCount: totals.rawCount, offsets: totals.offsets,
            sessionNumber: sessionNumber, firstWallNanoseconds: totals.firstWallNanoseconds,
            lastWallNanoseconds: totals.lastWallNanoseconds, cause: cause, signerID: key.id.bytes, signature: [])
        let frame = unsigned.encoded(signer: key, checksum: CRC32C.self)
        let tail = indexFrame + frame
        try file.write(tail.span, at: size)
        // Gives back what was reserved beyond the end, if anything was.
        let end = size + UInt64(tail.count)
        if reservedTo > end { try file.truncate(to: end) }
        do throws(FormatFault) { return try EndFrame(frame.span, checksum: CRC32C.self) } catch {
            throw .format(path: path, error)
        }
    }

    /// What INDEX and END take now.
    private var sealByteCount: Int { index.frameByteCount + EndFrame.byteCount }
}

/// What END says of all segments together.
struct RecordingTotals: Sendable, Hashable {
    var records: UInt64 = 0
    var rawCount: UInt64 = 0
    var lastSequence: UInt64 = 0
    var offsets = StreamOffsets()
    var firstWallNanoseconds: Int64 = 0
    var lastWallNanoseconds: Int64 = 0

    mutating func add(_ header: SegmentHeader, offsetsAfter: StreamOffsets) {
        if records == 0 { firstWallNanoseconds = header.firstTime.wallNanoseconds }
        records += UInt64(header.recordCount)
        rawCount += UInt64(header.rawCount)
        lastSequence = header.lastSequence
        offsets = offsetsAfter
        lastWallNanoseconds = header.lastTime.wallNanoseconds
    }
}
