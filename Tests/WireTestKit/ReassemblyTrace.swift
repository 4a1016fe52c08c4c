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

    public init(_ packets: [TCPScript.Packet], _ limits: CaptureLimits = CaptureLimits()) {
        var conversation = TCPConversation()
        var sink = Sink(trace: self)
        var stamp = PacketStamp(number: 0, wallNanoseconds: 0)
        for packet in packets {
            stamp.number += 1
            stamp.wallNanoseconds += 1000
            let segment = TCPSegment(
                sequence: packet.sequence, acknowledgment: packet.acknowledgment,
                flags: TCPSegment.Flags(rawValue: packet.flags.rawValue), payload: 0..<packet.payload.count)
            conversation.take(segment, packet.payload.span, from: packet.sender, stamp, limits, &sink)
            sink.trace.heldMaximum = max(sink.trace.heldMaximum, conversation.heldCount)
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
