public import Protocols

/// A place in a recording where a timeline can begin, and what it must know there.
///
/// An entry of a sidecar, 80 bytes, little-endian:
///
///      0  i64  wall nanoseconds     32  u64  client's stream     64  u32  state's length
///      8  u64  monotonic            40  u64  server's stream     68  u32  CRC-32C of the state
///     16  u64  segment's offset     48  u64  events before       72  u32  0
///     24  u64  segment's number     56  u64  state's offset      76  u32  CRC-32C of the 76 bytes before
public struct SidecarEntry: Sendable, Hashable {
    static let byteCount = 80
    /// A state above this is not kept.
    static let stateMaximum = 4 << 20

    /// Of the segment's first record.
    public var time: Timestamp
    public var segment: SegmentPlace
    /// Bytes of both directions before the segment.
    public var offsets: StreamOffsets
    /// Events that ended before the segment.
    public var eventCount: UInt64

    public init(time: Timestamp, segment: SegmentPlace, offsets: StreamOffsets, eventCount: UInt64) {
        self.time = time
        self.segment = segment
        self.offsets = offsets
        self.eventCount = eventCount
    }
}

/// Where an entry's state stands in the sidecar.
struct SidecarState: Hashable {
    var offset: UInt64
    var count: Int
    var checksum: UInt32
}

extension SidecarEntry {
    func write<Sum: Checksum>(_ state: SidecarState, into output: inout [UInt8], checksum: Sum.Type) {
        let start = output.count
        output.appendLE(time.wallNanoseconds)
        output.appendLE(time.monotonicNanoseconds)
        output.appendLE(segment.fileOffset)
        output.appendLE(segment.number)
        output.appendLE(offsets.clientToServer)
        output.appendLE(offsets.serverToClient)
        output.appendLE(eventCount)
        output.appendLE(state.offset)
        output.appendLE(UInt32(state.count))
        output.appendLE(state.checksum)
        output.appendLE(UInt32(0))
        output.appendLE(Sum.crc32c(output.span.extracting(start...), seed: 0))
    }

    /// `nil` unless the bytes are an entry and fit their checksum.
    static func parse<Sum: Checksum>(
        _ bytes: Span<UInt8>, checksum: Sum.Type
    ) -> (entry: SidecarEntry, state: SidecarState)? {
        guard bytes.count == byteCount, bytes.uint32LE(at: 76) == Sum.crc32c(bytes.extracting(0..<76), seed: 0),
            let stateCount = bytes.uint32LE(at: 64), stateCount <= stateMaximum
        else { return nil }
        func wide(_ offset: Int) -> UInt64 { bytes.uint64LE(at: offset) ?? 0 }
        let entry = SidecarEntry(
            time: Timestamp(monotonicNanoseconds: wide(8), wallNanoseconds: Int64(bitPattern: wide(0))),
            segment: SegmentPlace(fileOffset: wide(16), number: wide(24)),
            offsets: StreamOffsets(clientToServer: wide(32), serverToClient: wide(40)), eventCount: wide(48))
        return (
            entry, SidecarState(offset: wide(56), count: Int(stateCount), checksum: bytes.uint32LE(at: 68) ?? 0)
        )
    }
}
