import Protocols

/// What a TCP header tells (RFC 9293 §3.1). Checksums are not looked at: where a network card computes them, captures
/// of what a machine sends hold none.
struct TCPSegment: Sendable, Equatable {
    struct Flags: OptionSet, Sendable, Hashable {
        let rawValue: UInt8
        static let fin = Flags(rawValue: 1)
        static let syn = Flags(rawValue: 2)
        static let rst = Flags(rawValue: 4)
        static let ack = Flags(rawValue: 16)
    }

    var sourcePort: UInt16
    var destinationPort: UInt16
    var sequence: UInt32
    var acknowledgment: UInt32
    var flags: Flags
    /// What was captured of the payload; counts from the start of the TCP header.
    var payload: Range<Int>

    /// `nil` where the capture cuts the header off, or its length makes no sense.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 20, let sourcePort = bytes.uint16BE(at: 0), let destinationPort = bytes.uint16BE(at: 2),
            let sequence = bytes.uint32BE(at: 4), let acknowledgment = bytes.uint32BE(at: 8)
        else { return nil }
        let headerCount = Int(bytes[12] >> 4) * 4
        guard headerCount >= 20, headerCount <= bytes.count else { return nil }
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequence = sequence
        self.acknowledgment = acknowledgment
        flags = Flags(rawValue: bytes[13])
        payload = headerCount..<bytes.count
    }

    init(
        sourcePort: UInt16 = 0, destinationPort: UInt16 = 0, sequence: UInt32, acknowledgment: UInt32 = 0, flags: Flags,
        payload: Range<Int> = 0..<0
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequence = sequence
        self.acknowledgment = acknowledgment
        self.flags = flags
        self.payload = payload
    }
}
