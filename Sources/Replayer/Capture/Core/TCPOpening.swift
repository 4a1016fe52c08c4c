import Protocols

/// The first packets of a connection whose SYN has not been seen: it began before the capture, or its packets were captured
/// out of order. They wait until it can be said where each direction begins.
struct TCPOpening: Sendable {
    struct Packet: Sendable {
        var segment: TCPSegment
        var payload: [UInt8]
        var sender: FlowSide
        var stamp: PacketStamp
    }

    private(set) var packets: [Packet] = []
    private(set) var heldCount = 0
    private var hasSYN = false

    mutating func append(_ segment: TCPSegment, _ payload: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
        packets.append(Packet(segment: segment, payload: [UInt8](copying: payload), sender: sender, stamp: stamp))
        heldCount += payload.count
        if segment.flags.contains(.syn) { hasSYN = true }
    }

    /// No more is to be waited for.
    func isOver(_ limits: CaptureLimits) -> Bool {
        hasSYN || packets.count > limits.patience || heldCount > limits.undecided
    }

    /// The sequence number of a direction's first byte in the capture: the lowest that brought bytes; where none did, the
    /// lowest that was said or acknowledged. `nil` where a SYN tells, or nothing does.
    func start(of side: FlowSide) -> UInt32? {
        guard !hasSYN else { return nil }
        let own = packets.filter { $0.sender == side && !$0.segment.flags.contains(.rst) }
        let bringing = own.filter { !$0.payload.isEmpty }.map(\.segment.sequence)
        if let first = Self.lowest(bringing) ?? Self.lowest(own.map(\.segment.sequence)) { return first }
        let others = packets.filter { $0.sender != side && $0.segment.flags.contains(.ack) }
        return Self.lowest(others.map(\.segment.acknowledgment))
    }

    /// Sequence numbers wrap: lower is what lies less than half of them before (RFC 9293 §3.4).
    private static func lowest(_ numbers: [UInt32]) -> UInt32? {
        numbers.dropFirst().reduce(numbers.first) { lowest, number in
            lowest.map { Int32(bitPattern: number &- $0) < 0 ? number : $0 }
        }
    }
}
