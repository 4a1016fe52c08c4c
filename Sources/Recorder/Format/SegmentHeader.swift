public import Protocols

/// The header of one segment: an LZ4 skippable frame of 168 bytes before the LZ4 frame that holds the records.
/// docs/wtr.md has the layout.
public struct SegmentHeader: Sendable, Hashable {
    public static let byteCount = 168
    /// Records of one segment, uncompressed. Checked before anything is allocated.
    public static let rawMaximum = 1 << 20

    public var recording: RecordingID
    /// Counts the leaves of the recording from 0.
    public var number: UInt64
    public var firstSequence: UInt64
    public var lastSequence: UInt64
    public var firstTime: Timestamp
    public var lastTime: Timestamp
    /// Bytes of each direction that came before this segment: DATA and GAP records of all streams.
    public var offsets: StreamOffsets
    public var rawCount: Int
    /// Of the LZ4 frame that follows.
    public var storedCount: Int
    public var recordCount: UInt32
    /// CRC-32C of the LZ4 frame that follows.
    public var bodyChecksum: UInt32

    public func write<Sum: Checksum>(into output: inout [UInt8], checksum: Sum.Type) {
        let start = output.count
        FrameHead.write(
            .segment, frameByteCount: Self.byteCount, recording: recording, number: number, into: &output)
        output.appendLE(firstSequence)
        output.appendLE(lastSequence)
        output.appendLE(firstTime.monotonicNanoseconds)
        output.appendLE(lastTime.monotonicNanoseconds)
        output.appendLE(firstTime.wallNanoseconds)
        output.appendLE(lastTime.wallNanoseconds)
        output.appendLE(offsets.clientToServer)
        output.appendLE(offsets.serverToClient)
        output.appendLE(UInt32(rawCount))
        output.appendLE(UInt32(storedCount))
        output.appendLE(recordCount)
        output.appendLE(bodyChecksum)
        output.append(contentsOf: repeatElement(0, count: Self.reservedCount))
        FrameHead.close(&output, from: start, checksum)
    }

    /// Encryption (algorithm, key id) and the transparency log (entry) will stand here; zero until then.
    static let reservedCount = 44

    /// Reads and checks the header at the start of `bytes`.
    public static func parse<Sum: Checksum>(
        _ bytes: Span<UInt8>, checksum: Sum.Type
    ) throws(FormatFault) -> SegmentHeader {
        let head = try FrameHead.parse(bytes)
        guard head.kind == .segment, head.frameByteCount == byteCount else {
            throw FormatFault(.malformed, "a segment's header has the wrong length", at: 4)
        }
        guard bytes.count >= byteCount else {
            throw FormatFault(.truncated, "a segment's header is cut off", at: bytes.count)
        }
        guard FrameHead.isIntact(bytes.extracting(0..<byteCount), checksum) else {
            throw FormatFault(.mismatch, "a segment's header does not fit its checksum", at: byteCount - 4)
        }
        for index in byteCount - 4 - reservedCount..<byteCount - 4 where bytes[index] != 0 {
            throw FormatFault(.newerVersion, "a segment uses a reserved field", at: index)
        }
        return try fields(bytes, head)
    }

    private static func fields(_ bytes: Span<UInt8>, _ head: FrameHead) throws(FormatFault) -> SegmentHeader {
        func wide(_ offset: Int) -> UInt64 { bytes.uint64LE(at: offset) ?? 0 }
        func narrow(_ offset: Int) -> UInt32 { bytes.uint32LE(at: offset) ?? 0 }
        let header = SegmentHeader(
            recording: head.recording, number: head.number, firstSequence: wide(40), lastSequence: wide(48),
            firstTime: Timestamp(monotonicNanoseconds: wide(56), wallNanoseconds: Int64(bitPattern: wide(72))),
            lastTime: Timestamp(monotonicNanoseconds: wide(64), wallNanoseconds: Int64(bitPattern: wide(80))),
            offsets: StreamOffsets(clientToServer: wide(88), serverToClient: wide(96)), rawCount: Int(narrow(104)),
            storedCount: Int(narrow(108)), recordCount: narrow(112), bodyChecksum: narrow(116))
        guard header.rawCount > 0, header.rawCount <= rawMaximum else {
            throw FormatFault(.limitExceeded, "a segment's raw size is impossible", at: 104)
        }
        guard header.storedCount > 0, header.storedCount <= LZ4Frame.byteCountMaximum(raw: header.rawCount) else {
            throw FormatFault(.limitExceeded, "a segment's stored size is impossible", at: 108)
        }
        guard header.firstSequence > 0, header.lastSequence >= header.firstSequence,
            header.lastSequence - header.firstSequence == UInt64(header.recordCount) &- 1
        else { throw FormatFault(.malformed, "a segment's sequence numbers contradict its record count", at: 40) }
        return header
    }

    /// Of header and body together: how far the next frame is.
    public var segmentByteCount: Int { Self.byteCount + storedCount }
}
