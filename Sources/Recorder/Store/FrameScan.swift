import Adapters
import Protocols

/// Walks over a file's frames from the first on and checks everything that takes no key: order, lengths, checksums.
///
/// One frame is held at a time. Recovery, verification and the catalog's rebuild build on it.
struct FrameScan {
    enum Found {
        case segment(SegmentHeader)
        /// A frame of a type that came after this version: a leaf like any other, its content unknown.
        case unknown
        /// INDEX or END comes next; the segments are over.
        case tail
        /// The file ends here.
        case nothing
    }

    let recording: RecordingID
    /// Where the next frame begins; after a throw, the one that is not valid.
    private(set) var offset: UInt64 = 0
    /// The number that the next frame must have.
    private(set) var number: UInt64 = 0
    private(set) var lastSequence: UInt64 = 0
    private(set) var lastOffsets = StreamOffsets()
    /// All stored bytes of the frame that was found last: with its LZ4 frame, if it is a segment.
    private(set) var bytes: [UInt8] = []

    init(_ recording: RecordingID) { self.recording = recording }

    /// Begins in the middle, at the group that an index entry names.
    init(_ recording: RecordingID, from entry: IndexEntry) {
        self.recording = recording
        offset = entry.fileOffset
        number = entry.number
        lastSequence = entry.firstSequence &- 1
        lastOffsets = entry.offsets
    }

    mutating func next(_ file: borrowing StoreFile) throws(StoreFault) -> Found {
        try file.read(SegmentHeader.byteCount, at: offset, into: &bytes)
        if bytes.isEmpty { return .nothing }
        do throws(FormatFault) {
            let head = try FrameHead.parse(bytes.span)
            guard head.recording == recording else {
                throw FormatFault(.mismatch, "a frame belongs to another recording", at: 16)
            }
            if head.kind == .index || head.kind == .end { return .tail }
            guard head.number == number else { throw FormatFault(.mismatch, "a frame is out of order", at: 32) }
            guard head.kind == .segment else { return try unknown(head, file) }
            let header = try SegmentHeader.parse(bytes.span, checksum: CRC32C.self)
            try segment(header, file)
            return .segment(header)
        } catch { throw .format(path: file.path, error.rebased(by: offset)) }
    }

    private mutating func segment(_ header: SegmentHeader, _ file: borrowing StoreFile) throws(FormatFault) {
        guard header.firstSequence == lastSequence + 1 else {
            throw FormatFault(.mismatch, "a segment's records do not follow those before it", at: 40)
        }
        guard header.offsets.clientToServer >= lastOffsets.clientToServer,
            header.offsets.serverToClient >= lastOffsets.serverToClient
        else { throw FormatFault(.mismatch, "a segment's stream offsets run backwards", at: 88) }
        try fetch(header.segmentByteCount, file)
        guard CRC32C.crc32c(bytes.span.extracting(SegmentHeader.byteCount...)) == header.bodyChecksum else {
            throw FormatFault(.mismatch, "a segment's body does not fit its checksum", at: SegmentHeader.byteCount)
        }
        lastSequence = header.lastSequence
        lastOffsets = header.offsets
        advance()
    }

    private mutating func unknown(_ head: FrameHead, _ file: borrowing StoreFile) throws(FormatFault) -> Found {
        try fetch(head.frameByteCount, file)
        guard FrameHead.isIntact(bytes.span, CRC32C.self) else {
            throw FormatFault(.mismatch, "a frame does not fit its checksum", at: head.frameByteCount - 4)
        }
        advance()
        return .unknown
    }

    private mutating func fetch(_ count: Int, _ file: borrowing StoreFile) throws(FormatFault) {
        do throws(StoreFault) { try file.read(count, at: offset, into: &bytes) } catch {
            throw FormatFault(.truncated, "a frame cannot be read")
        }
        guard bytes.count == count else { throw FormatFault(.truncated, "a frame is cut off", at: bytes.count) }
    }

    private mutating func advance() {
        offset += UInt64(bytes.count)
        number += 1
    }
}

/// What follows a recording's segments, once it is sealed.
struct RecordingTail {
    var end: EndFrame
    /// The END frame's own bytes, for its signature.
    var endBytes: [UInt8]
    var index: IndexFrame

    /// Reads END from the file's end, and INDEX from where END says. `nil` when no END is there.
    static func read(_ file: borrowing StoreFile, fileSize: UInt64) throws(StoreFault) -> RecordingTail? {
        guard let (end, bytes) = try readEnd(file, fileSize: fileSize) else { return nil }
        return RecordingTail(
            end: end, endBytes: bytes, index: try readIndex(file, end, at: end.indexOffset, fileSize: fileSize))
    }

    static func readEnd(
        _ file: borrowing StoreFile, fileSize: UInt64
    ) throws(StoreFault) -> (end: EndFrame, bytes: [UInt8])? {
        guard fileSize >= UInt64(EndFrame.byteCount) else { return nil }
        let offset = fileSize - UInt64(EndFrame.byteCount)
        var bytes: [UInt8] = []
        try file.read(EndFrame.byteCount, at: offset, into: &bytes)
        guard let head = try? FrameHead.parse(bytes.span), head.kind == .end else { return nil }
        do throws(FormatFault) { return (try EndFrame(bytes.span, checksum: CRC32C.self), bytes) } catch {
            throw .format(path: file.path, error.rebased(by: offset))
        }
    }

    /// Reads the INDEX that stands between `offset` and the END.
    static func readIndex(
        _ file: borrowing StoreFile, _ end: EndFrame, at offset: UInt64, fileSize: UInt64
    ) throws(StoreFault) -> IndexFrame {
        do throws(FormatFault) {
            let endOffset = fileSize - UInt64(EndFrame.byteCount)
            guard offset < endOffset, endOffset - offset <= UInt64(IndexFrame.byteCountMaximum) else {
                throw FormatFault(.malformed, "no INDEX can stand where the END says")
            }
            var bytes: [UInt8] = []
            do throws(StoreFault) { try file.read(Int(endOffset - offset), at: offset, into: &bytes) } catch {
                throw FormatFault(.truncated, "the INDEX cannot be read")
            }
            try checkHash(bytes.span, end)
            let index = try IndexFrame(bytes.span, checksum: CRC32C.self)
            guard index.recording == end.recording, index.leaves == end.leaves else {
                throw FormatFault(.mismatch, "the INDEX and the END contradict each other", at: 16)
            }
            return index
        } catch { throw .format(path: file.path, error.rebased(by: offset)) }
    }

    private static func checkHash(_ bytes: Span<UInt8>, _ end: EndFrame) throws(FormatFault) {
        guard SHA256.hash(bytes) != end.indexHash else { return }
        if let head = try? FrameHead.parse(bytes), head.frameByteCount < bytes.count,
            SHA256.hash(bytes.extracting(0..<head.frameByteCount)) == end.indexHash
        {
            throw FormatFault(.malformed, "something stands between the INDEX and the END", at: head.frameByteCount)
        }
        throw FormatFault(.mismatch, "the INDEX does not fit the hash in the END")
    }
}
