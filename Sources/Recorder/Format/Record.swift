public import Protocols

/// What a record tells. 0 is illegal, so that preallocated or erased space never reads as a record.
public enum RecordType: UInt8, Sendable, CaseIterable {
    /// The facts of the connection; the first record of every recording.
    case start = 1
    case identity = 2
    /// Bytes that crossed in one direction.
    case data = 3
    case note = 4
    /// Something is missing here.
    case gap = 5
    /// The tree over the segments before this one.
    case checkpoint = 6
}

/// The fixed part of a record: 44 bytes, little-endian, the same in the journal and in a `.wtr` segment.
///
///     0  u32  bytes after this field        12 u64  sequence
///     4  u8   type                          20 u64  gateway-wide sequence
///     5  u8   direction                     28 u64  monotonic nanoseconds
///     6  u16  flags, 0                      36 i64  wall nanoseconds since 1970
///     8  u32  stream                        44 …    payload
public struct RecordHeader: Sendable, Hashable {
    public static let byteCount = 44
    /// A record with its header fits a segment (1 MiB) whole.
    public static let payloadMaximum = SegmentHeader.rawMaximum - byteCount

    public var type: RecordType
    /// `nil` for records that belong to no direction.
    public var direction: Direction?
    public var stream: UInt32
    /// Counts the records of one recording from 1, without gaps.
    public var sequence: UInt64
    /// Counts all records of the gateway: the order across connections.
    public var gatewaySequence: UInt64
    public var time: Timestamp

    public init(
        _ type: RecordType, direction: Direction? = nil, stream: UInt32 = 0, sequence: UInt64,
        gatewaySequence: UInt64, time: Timestamp
    ) {
        self.type = type
        self.direction = direction
        self.stream = stream
        self.sequence = sequence
        self.gatewaySequence = gatewaySequence
        self.time = time
    }

    /// Appends the header of a record whose payload has `payloadCount` bytes.
    public func write(payloadCount: Int, into output: inout [UInt8]) {
        precondition(payloadCount <= Self.payloadMaximum, "a record's payload is cut before it is written")
        output.appendLE(UInt32(Self.byteCount - 4 + payloadCount))
        output.append(type.rawValue)
        output.append(direction?.rawValue ?? 0)
        output.appendLE(UInt16(0))
        output.appendLE(stream)
        output.appendLE(sequence)
        output.appendLE(gatewaySequence)
        output.appendLE(time.monotonicNanoseconds)
        output.appendLE(time.wallNanoseconds)
    }

    /// Reads the header at the start of `bytes`, and says how long its payload is.
    public static func parse(_ bytes: Span<UInt8>) throws(FormatFault) -> (header: RecordHeader, payloadCount: Int) {
        guard bytes.count >= byteCount, let length = bytes.uint32LE(at: 0) else {
            throw FormatFault(.truncated, "a record's header is cut off", at: bytes.count)
        }
        guard length >= byteCount - 4 else { throw FormatFault(.malformed, "a record is shorter than its header") }
        guard length <= byteCount - 4 + payloadMaximum else {
            throw FormatFault(.limitExceeded, "a record is too long")
        }
        guard let type = RecordType(rawValue: bytes[4]) else {
            throw FormatFault(.malformed, "a record's type is unknown", at: 4)
        }
        guard bytes[5] <= 2 else { throw FormatFault(.malformed, "a record's direction is unknown", at: 5) }
        guard bytes[6] == 0, bytes[7] == 0 else {
            throw FormatFault(.newerVersion, "a record has unknown flags", at: 6)
        }
        guard let stream = bytes.uint32LE(at: 8), let sequence = bytes.uint64LE(at: 12),
            let gatewaySequence = bytes.uint64LE(at: 20), let monotonic = bytes.uint64LE(at: 28),
            let wall = bytes.uint64LE(at: 36)
        else { throw FormatFault(.truncated, "a record's header is cut off", at: bytes.count) }
        let time = Timestamp(monotonicNanoseconds: monotonic, wallNanoseconds: Int64(bitPattern: wall))
        let header = RecordHeader(
            type, direction: Direction(rawValue: bytes[5]), stream: stream, sequence: sequence,
            gatewaySequence: gatewaySequence, time: time)
        return (header, Int(length) - byteCount + 4)
    }
}

/// A record that owns its payload. Hot paths write a header and a span instead.
public struct Record: Sendable, Hashable {
    public var header: RecordHeader
    public var payload: [UInt8]

    public init(_ header: RecordHeader, payload: [UInt8]) {
        self.header = header
        self.payload = payload
    }

    public var byteCount: Int { RecordHeader.byteCount + payload.count }

    public func write(into output: inout [UInt8]) {
        header.write(payloadCount: payload.count, into: &output)
        output.append(contentsOf: payload)
    }

    /// Walks over a segment's records. `visit` gets each header, its payload, and where in `raw` the record begins;
    /// it returns false to stop.
    public static func forEach(
        in raw: Span<UInt8>,
        _ visit: (RecordHeader, _ payload: Span<UInt8>, _ offset: Int) throws(FormatFault) -> Bool
    ) throws(FormatFault) {
        var offset = 0
        while offset < raw.count {
            let rest = raw.extracting(offset...)
            let header: RecordHeader
            let payloadCount: Int
            do throws(FormatFault) { (header, payloadCount) = try RecordHeader.parse(rest) } catch {
                throw error.rebased(by: UInt64(offset))
            }
            let end = RecordHeader.byteCount + payloadCount
            guard end <= rest.count else {
                throw FormatFault(.truncated, "a record is cut off", at: offset)
            }
            guard try visit(header, rest.extracting(RecordHeader.byteCount..<end), offset) else { return }
            offset += end
        }
    }
}
