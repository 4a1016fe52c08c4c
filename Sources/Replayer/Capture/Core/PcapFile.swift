import Protocols

/// The classic format (draft-ietf-opsawg-pcap): a file header, then packets, each behind a header of its own.
struct PcapFile: Sendable {
    static let headerByteCount = 24
    private static let packetHeaderByteCount = 16

    private static let microseconds: UInt32 = 0xa1b2_c3d4
    private static let nanoseconds: UInt32 = 0xa1b2_3c4d

    private let order: ByteOrder
    private let link: LinkType
    /// What a fraction of a second counts: 1000 or 1 nanoseconds.
    private let unit: Int64

    static func begins(_ bytes: Span<UInt8>) -> Bool { order(of: bytes) != nil }

    private static func order(of bytes: Span<UInt8>) -> ByteOrder? {
        for order in [ByteOrder.little, .big] {
            if let magic = order.uint32(bytes, at: 0), magic == microseconds || magic == nanoseconds { return order }
        }
        return nil
    }

    init(header bytes: Span<UInt8>) throws(CaptureFault) {
        guard let order = Self.order(of: bytes) else { throw CaptureParser.notCapture }
        guard order.uint16(bytes, at: 4) == 2, let network = order.uint32(bytes, at: 20) else {
            throw CaptureFault(.malformed, "is a pcap file of another major version than 2", at: 4)
        }
        self.order = order
        unit = order.uint32(bytes, at: 0) == Self.nanoseconds ? 1 : 1000
        // The upper bits tell of frame check sequences, which lie behind what IP counts.
        link = LinkType(rawValue: UInt16(truncatingIfNeeded: network))
    }

    @inline(__always)
    func step(_ bytes: Span<UInt8>) throws(CaptureFault) -> CaptureStep {
        guard let seconds = order.uint32(bytes, at: 0), let fraction = order.uint32(bytes, at: 4),
            let captured = order.uint32(bytes, at: 8), let original = order.uint32(bytes, at: 12)
        else { return .needMore(atLeast: Self.packetHeaderByteCount) }
        guard captured <= CaptureParser.lengthMaximum else {
            throw CaptureFault(.limitExceeded, "a packet is said to be longer than 16 MiB", at: 8)
        }
        let length = Self.packetHeaderByteCount + Int(captured)
        guard bytes.count >= length else { return .needMore(atLeast: length) }
        let packet = CapturedPacket(
            link: link, wallNanoseconds: Int64(seconds) * 1_000_000_000 + Int64(fraction) * unit,
            content: Self.packetHeaderByteCount..<length, originalCount: Int(original))
        return .packet(packet, length: length)
    }
}
