import Protocols

/// What a TCP header tells (RFC 9293 §3.1). Checksums are not looked at: where a network card computes them, captures
/// of what a machine sends hold none.
package struct TCPSegment: Sendable, Equatable {
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let fin = Flags(rawValue: 1)
        package static let syn = Flags(rawValue: 2)
        package static let rst = Flags(rawValue: 4)
        package static let ack = Flags(rawValue: 16)
    }

    package var sourcePort: UInt16
    package var destinationPort: UInt16
    package var sequence: UInt32
    package var acknowledgment: UInt32
    package var flags: Flags
    /// What was captured of the payload: a range of the block that it came in.
    package var payload: Range<Int>

    /// `nil` where the capture cuts the header off, or its length makes no sense.
    ///
    /// - Parameter place: of the header in the block.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at place: Int) {
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
        payload = place + headerCount..<place + bytes.count
    }

    package init(
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
