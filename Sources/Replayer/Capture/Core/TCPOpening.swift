import Protocols

/// The first packets of a connection whose SYN has not been seen: it began before the capture, or its packets were captured
/// out of order. They wait until it can be said where each direction begins.
struct TCPOpening: Sendable {
    struct Packet: Sendable {
        /// Its payload is all of the bytes beside it.
        var segment: TCPSegment
        var payload: [UInt8]
        var sender: FlowSide
        var stamp: PacketStamp
    }

    private(set) var packets: [Packet] = []
    private(set) var heldCount = 0
    private var hasSYN = false

    mutating func append(_ segment: TCPSegment, _ block: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
        let payload = block.extracting(segment.payload)
        var segment = segment
        segment.payload = payload.indices
        packets.append(Packet(segment: segment, payload: [UInt8](copying: payload), sender: sender, stamp: stamp))
        heldCount += payload.count
        if segment.flags.contains(.syn) { hasSYN = true }
    }

    /// No more is to be waited for: earlier bytes of a direction than those seen would have come by now.
    func isOver(_ limits: CaptureLimits) -> Bool {
        if hasSYN || heldCount > limits.opening || packets.count > 4 * limits.patience { return true }
        let firsts = FlowSide.allCases.compactMap { side in
            packets.firstIndex { $0.sender == side && !$0.payload.isEmpty }
        }
        return packets.count > limits.patience + (firsts.max() ?? 0)
    }

    /// The sequence number of a direction's first byte in the capture: the lowest that brought bytes. `nil` where a SYN
    /// tells, or none brought any.
    func start(of side: FlowSide) -> UInt32? {
        guard !hasSYN else { return nil }
        return Self.lowest(packets.filter { $0.sender == side && !$0.payload.isEmpty }.map(\.segment.sequence))
    }

    /// Sequence numbers wrap: lower is what lies less than half of them before (RFC 9293 §3.4).
    private static func lowest(_ numbers: [UInt32]) -> UInt32? {
        numbers.dropFirst().reduce(numbers.first) { lowest, number in
            lowest.map { Int32(bitPattern: number &- $0) < 0 ? number : $0 }
        }
    }
}
