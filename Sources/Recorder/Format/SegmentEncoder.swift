public import Protocols

/// One segment as it stands in the file.
public struct EncodedSegment: Sendable, Equatable {
    public var header: SegmentHeader
    /// After the segment's last record.
    public var offsetsAfter: StreamOffsets
    /// Header and LZ4 frame.
    public var bytes: [UInt8]
    /// SHA-256 of 0x00 and `bytes`.
    public var leaf: TreeHash
}

/// Turns raw records into stored segments. Each thread of a pool has its own, which keeps the compressor's memory.
public struct SegmentEncoder<Hash: Digest & ~Copyable, Sum: Checksum, Codec: BlockCodec & ~Copyable>: ~Copyable {
    private var codec = Codec()

    public init() {}

    /// Compresses, checks and hashes what was planned.
    public mutating func encode(_ raw: Span<UInt8>, _ plan: SegmentPlan) -> EncodedSegment {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SegmentHeader.byteCount + LZ4Frame.byteCountMaximum(raw: raw.count))
        bytes.append(contentsOf: repeatElement(0, count: SegmentHeader.byteCount))
        LZ4Frame.write(raw, codec: &codec, into: &bytes)
        let header = SegmentHeader(
            plan, rawCount: raw.count, storedCount: bytes.count - SegmentHeader.byteCount,
            bodyChecksum: Sum.crc32c(bytes.span.extracting(SegmentHeader.byteCount...), seed: 0))
        var head: [UInt8] = []
        head.reserveCapacity(SegmentHeader.byteCount)
        header.write(into: &head, checksum: Sum.self)
        bytes.replaceSubrange(0..<SegmentHeader.byteCount, with: head)
        let leaf = MerkleTree<Hash>.leaf(bytes.span)
        return EncodedSegment(header: header, offsetsAfter: plan.offsetsAfter, bytes: bytes, leaf: leaf)
    }
}

/// Turns stored segments back into raw records.
public struct SegmentDecoder<Sum: Checksum, Codec: BlockCodec & ~Copyable>: ~Copyable {
    private var codec = Codec()

    public init() {}

    /// Replaces `raw` by the segment's records. `body` is the LZ4 frame that `header` announces.
    public mutating func decode(
        _ body: Span<UInt8>, _ header: SegmentHeader, into raw: inout [UInt8]
    ) throws(FormatFault) {
        raw.removeAll(keepingCapacity: true)
        guard body.count == header.storedCount else {
            throw FormatFault(.truncated, "a segment is cut off", at: body.count)
        }
        guard Sum.crc32c(body, seed: 0) == header.bodyChecksum else {
            throw FormatFault(.mismatch, "a segment does not fit its checksum")
        }
        raw.reserveCapacity(header.rawCount)
        try LZ4Frame.read(body, rawCount: header.rawCount, codec: &codec, into: &raw)
    }
}

extension SegmentHeader {
    init(_ plan: SegmentPlan, rawCount: Int, storedCount: Int, bodyChecksum: UInt32) {
        self.init(
            recording: plan.recording, number: plan.number, firstSequence: plan.firstSequence,
            lastSequence: plan.lastSequence, firstTime: plan.firstTime, lastTime: plan.lastTime, offsets: plan.offsets,
            rawCount: rawCount, storedCount: storedCount, recordCount: plan.recordCount, bodyChecksum: bodyChecksum)
    }
}
