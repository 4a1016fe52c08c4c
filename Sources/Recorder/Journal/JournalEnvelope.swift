import Adapters
import Glibc
import Protocols

/// A place in one lane's journal: it grows with every append, and never repeats while the gateway runs.
public typealias JournalPosition = UInt64

/// What precedes each record in a journal segment: 32 bytes, little-endian.
///
/// length of the record (4) · CRC-32C of all that follows it (4) · the segment's epoch (4) · kind (4) · recording id (16).
/// A stale record of an earlier epoch, a torn one, or zeroes end the segment.
enum JournalEnvelope {
    static let byteCount = 32
    /// Records begin at multiples of this.
    static let alignment = 8

    enum Kind: UInt32 {
        /// A record follows.
        case record = 0
        /// The recording is complete; nothing follows.
        case finish = 1
    }

    /// One envelope as read back.
    struct Found {
        var kind: Kind
        var recording: RecordingID
        /// Where the record lies in the segment.
        var record: Range<Int>
        /// Where the next envelope begins.
        var end: Int
    }

    static func paddedByteCount(record: Int) -> Int {
        (byteCount + record + alignment - 1) & ~(alignment - 1)
    }

    /// Whether the lane went on in another segment from here.
    static func endsSegment(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
        offset + byteCount > bytes.count || bytes.uint32LE(at: offset + 8) == 0
    }

    /// Reads the envelope at `offset`; `nil` where the segment's valid records end.
    static func read(_ bytes: Span<UInt8>, at offset: Int, epoch: UInt32) -> Found? {
        guard let length = bytes.uint32LE(at: offset), let checksum = bytes.uint32LE(at: offset + 4),
            bytes.uint32LE(at: offset + 8) == epoch,
            let kind = bytes.uint32LE(at: offset + 12).flatMap(Kind.init(rawValue:)),
            length <= RecordHeader.byteCount + RecordHeader.payloadMaximum
        else { return nil }
        let record = (offset + byteCount)..<(offset + byteCount + Int(length))
        guard record.upperBound <= bytes.count,
            CRC32C.crc32c(bytes.extracting((offset + 8)..<record.upperBound), seed: 0) == checksum,
            let id = RecordingID(bytes, at: offset + 16)
        else { return nil }
        return Found(kind: kind, recording: id, record: record, end: offset + paddedByteCount(record: Int(length)))
    }
}
