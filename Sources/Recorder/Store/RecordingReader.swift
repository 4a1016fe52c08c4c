import Adapters
public import Protocols

/// Where one record stands.
public struct RecordPlace: Sendable, Hashable {
    public var segment: SegmentPlace
    /// Counts the records of the segment from 0.
    public var index: Int

    public init(segment: SegmentPlace, index: Int) {
        self.segment = segment
        self.index = index
    }
}

/// Reads one `.wtr` file, a segment at a time, from any segment on. Not for use from two threads at once.
///
/// A recording without END is read as far as it is whole: the gateway may still be writing it, so that a later call may
/// find more. Reading proves nothing about the bytes but that they fit their checksums; ``Verifier`` does.
public final class RecordingReader {
    public let recording: RecordingID
    /// What the gateway signed; `nil` while the recording is not sealed. Not verified here.
    public private(set) var end: EndFrame?
    /// The place that the next call of ``next()`` reads.
    public private(set) var place = SegmentPlace.first
    /// The records of the segment read last, one after the other.
    public private(set) var raw: [UInt8] = []
    /// Why an unsealed recording cannot be read further than ``place``; `nil` where it just ends.
    public private(set) var damage: FormatFault?

    private let file: StoreFile
    private var index: [IndexEntry]
    private var decoder = RecordingSegmentDecoder()
    private var buffer: [UInt8] = []

    /// - Throws: `.format` when the file does not begin like a recording, or is sealed and damaged at its end.
    public init(_ path: String) throws(StoreFault) {
        file = try StoreFile(path, .read)
        let tail = try RecordingTail.read(file, fileSize: file.size())
        end = tail?.end
        index = tail?.index.entries ?? []
        try file.read(FrameHead.byteCount, at: 0, into: &buffer)
        if buffer.isEmpty, let named = RecordingsFolder.recordingID(ofFile: path) {
            // The gateway makes the file before it has anything to write.
            recording = named
        } else {
            do throws(FormatFault) { recording = try FrameHead.parse(buffer.span).recording } catch {
                throw .format(path: path, error)
            }
        }
    }

    public var path: String { file.path }

    /// Whether a gateway holds the file open for writing.
    public var isLive: Bool { end == nil && file.isLocked() }

    /// Reads the next segment into ``raw``.
    ///
    /// - Returns: `nil` at the end of the segments. Of an unsealed recording more may come later.
    /// - Throws: `.format` when a sealed recording is damaged.
    public func next() throws(StoreFault) -> SegmentHeader? {
        damage = nil
        do throws(StoreFault) {
            guard let header = try nextHeader() else { return nil }
            try file.read(
                header.storedCount, at: place.fileOffset + UInt64(SegmentHeader.byteCount), into: &buffer)
            do throws(FormatFault) { try decoder.decode(buffer.span, header, into: &raw) } catch {
                throw .format(path: path, error.rebased(by: place.fileOffset + UInt64(SegmentHeader.byteCount)))
            }
            pass(header)
            return header
        } catch {
            guard end == nil, case .format(_, let fault) = error else { throw error }
            if fault.code != .truncated { damage = fault }
            return nil
        }
    }

    /// Visits every record from a place on, in order. `visit` gets each header, its payload, and its place; it returns
    /// false to stop.
    public func forEachRecord(
        from start: RecordPlace = RecordPlace(segment: .first, index: 0),
        _ visit: (RecordHeader, _ payload: Span<UInt8>, RecordPlace) -> Bool
    ) throws(StoreFault) {
        place = start.segment
        var isWanted = true
        while isWanted {
            let here = place
            guard try next() != nil else { return }
            var number = 0
            do throws(FormatFault) {
                try Record.forEach(in: raw.span) { (header, payload, _) throws(FormatFault) in
                    defer { number += 1 }
                    if here == start.segment, number < start.index { return true }
                    isWanted = visit(header, payload, RecordPlace(segment: here, index: number))
                    return isWanted
                }
            } catch {
                // Where in the records it is has no place in the file: they are compressed.
                throw .format(path: path, FormatFault(error.code, error.reason).rebased(by: here.fileOffset))
            }
        }
    }

    /// Continues with another segment.
    public func seek(to place: SegmentPlace) { self.place = place }
}

extension RecordingReader {
    /// The last segment that begins at or before this time, in nanoseconds since 1970; the first when none does.
    public func segment(atWall nanoseconds: Int64) throws(StoreFault) -> SegmentPlace {
        try lastSegment { $0.firstTime.wallNanoseconds <= nanoseconds }
    }

    /// The segment that holds this byte of one direction's stream, or the nearest before it.
    public func segment(at offset: UInt64, of direction: Direction) throws(StoreFault) -> SegmentPlace {
        try lastSegment { $0.offsets[direction] <= offset }
    }

    /// The segment that holds this record, or the nearest before it.
    public func segment(withSequence sequence: UInt64) throws(StoreFault) -> SegmentPlace {
        try lastSegment { $0.firstSequence <= sequence }
    }

    /// Finds by the index, then by headers, the last segment before the first one that `isBefore` denies.
    private func lastSegment(_ isBefore: (SegmentStart) -> Bool) throws(StoreFault) -> SegmentPlace {
        if index.isEmpty { try rebuildIndex() }
        var found = SegmentPlace.first
        for entry in index {
            guard isBefore(SegmentStart(entry)) else { break }
            found = SegmentPlace(fileOffset: entry.fileOffset, number: entry.number)
        }
        place = found
        while let header = try nextHeader(), isBefore(SegmentStart(header)) {
            found = place
            pass(header)
        }
        place = found
        return found
    }

    /// Makes the index of a recording that has none, from the segments' headers alone.
    private func rebuildIndex() throws(StoreFault) {
        var rebuilt = RecordingIndex()
        place = .first
        while let header = try? nextHeader() {
            // The hash is of no use here: nobody vouches for it.
            rebuilt.append(header, at: place.fileOffset, leaf: [UInt8](repeating: 0, count: SHA256.byteCount))
            pass(header)
        }
        // What a live gateway appends later is found by walking on from the last entry.
        index = rebuilt.entries
    }

    /// Reads the header at ``place``, and none of the body. Passes over frames of types that it does not know.
    private func nextHeader() throws(StoreFault) -> SegmentHeader? {
        while end.map({ place.fileOffset < $0.indexOffset }) ?? true {
            try file.read(SegmentHeader.byteCount, at: place.fileOffset, into: &buffer)
            if buffer.isEmpty { return nil }
            let bytes = buffer
            do throws(FormatFault) {
                let head = try FrameHead.parse(bytes.span)
                if head.kind == .index || head.kind == .end { return nil }
                guard head.recording == recording, head.number == place.number else {
                    throw FormatFault(.mismatch, "a frame is out of order", at: 16)
                }
                if head.kind == .segment { return try SegmentHeader.parse(bytes.span, checksum: CRC32C.self) }
                place.fileOffset += UInt64(head.frameByteCount)
                place.number += 1
            } catch { throw .format(path: path, error.rebased(by: place.fileOffset)) }
        }
        return nil
    }

    private func pass(_ header: SegmentHeader) {
        place.fileOffset += UInt64(header.segmentByteCount)
        place.number += 1
    }
}

/// What index entries and segment headers both know.
private struct SegmentStart {
    var firstSequence: UInt64
    var firstTime: Timestamp
    var offsets: StreamOffsets

    init(_ entry: IndexEntry) {
        (firstSequence, firstTime, offsets) = (entry.firstSequence, entry.firstTime, entry.offsets)
    }

    init(_ header: SegmentHeader) {
        (firstSequence, firstTime, offsets) = (header.firstSequence, header.firstTime, header.offsets)
    }
}
