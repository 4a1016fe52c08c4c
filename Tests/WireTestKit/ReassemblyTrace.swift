public import Replayer

/// What reassembly made of packets.
public struct ReassemblyTrace: Sendable, Equatable {
    public var bytes: [[UInt8]] = [[], []]
    /// Offset and length of each hole; its bytes stand as zeros.
    public var holes: [[Range<UInt64>]] = [[], []]
    public var conflicts: [[Range<UInt64>]] = [[], []]
    public var client: FlowSide?
    /// "closed", "reset" or "open".
    public var ending = ""
    /// The most bytes that were held at a time.
    public var heldMaximum = 0

    /// - Parameter packetsPerBlock: the payloads of so many packets lie side by side, as in a block of a capture.
    public init(
        _ packets: [TCPScript.Packet], _ limits: CaptureLimits = CaptureLimits(), packetsPerBlock: Int = 3
    ) {
        var conversation = TCPConversation()
        var sink = Sink(trace: self)
        var stamp = PacketStamp(number: 0, wallNanoseconds: 0)
        for start in stride(from: 0, to: packets.count, by: packetsPerBlock) {
            let packets = packets[start..<min(start + packetsPerBlock, packets.count)]
            let block = packets.flatMap(\.payload)
            var offset = 0
            for packet in packets {
                stamp.number += 1
                stamp.wallNanoseconds += 1000
                let payload = offset..<offset + packet.payload.count
                let segment = TCPSegment(
                    sequence: packet.sequence, acknowledgment: packet.acknowledgment,
                    flags: TCPSegment.Flags(rawValue: packet.flags.rawValue), payload: payload)
                conversation.take(segment, block.span, from: packet.sender, stamp, limits, &sink)
                sink.trace.heldMaximum = max(sink.trace.heldMaximum, conversation.heldCount)
                offset = payload.upperBound
            }
            conversation.leave(block.span)
        }
        conversation.end(stamp, limits, &sink)
        self = sink.trace
        ending = conversation.ending.rawValue
    }

    private struct Sink: TCPSink {
        var trace: ReassemblyTrace

        mutating func opened(by client: FlowSide) { trace.client = client }

        mutating func data(_ bytes: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
            for index in bytes.indices { trace.bytes[sender.rawValue].append(bytes[index]) }
        }

        mutating func hole(_ length: UInt64, from sender: FlowSide, _ stamp: PacketStamp) {
            let offset = UInt64(trace.bytes[sender.rawValue].count)
            trace.holes[sender.rawValue].append(offset..<offset + length)
            guard length < 1 << 20 else { return }
            trace.bytes[sender.rawValue] += [UInt8](repeating: 0, count: Int(length))
        }

        mutating func conflict(_ range: Range<UInt64>, from sender: FlowSide, _ stamp: PacketStamp) {
            trace.conflicts[sender.rawValue].append(range)
        }
    }
}
