import Protocols

/// One flow from its first packet to its last: reassembly, and the reader behind it.
struct FlowFollower {
    private(set) var reader: FlowReader
    private(set) var packetCount: UInt64 = 0
    /// Bytes held for want of others.
    private(set) var heldCount = 0
    private var conversation = TCPConversation()
    private var last: PacketStamp
    private let limits: CaptureLimits

    init(
        number: UInt64, key: FlowKey, first: PacketStamp, _ context: FlowContext,
        listen: @escaping FlowListening = { opening, _ in TimelineListener(opening) }
    ) {
        last = first
        limits = context.limits
        reader = FlowReader(number: number, key, first: first, context, listen: listen)
    }

    var number: UInt64 { reader.number }
    var first: PacketStamp { reader.first }
    var client: FlowEndpoint { reader.key[reader.client] }
    var server: FlowEndpoint { reader.key[reader.client.opposite] }
    var ending: TCPConversation.Ending { conversation.ending }
    /// The time of the last packet.
    var lastWallNanoseconds: Int64 { last.wallNanoseconds }

    /// The number of the last packet.
    var lastPacket: UInt64 { last.number }

    mutating func take(_ segment: TCPSegment, _ payload: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp) {
        packetCount += 1
        last = stamp
        conversation.take(segment, payload, from: sender, stamp, limits, &reader)
        heldCount = conversation.heldCount + reader.heldCount
    }

    mutating func drain() -> [FlowEvent] { reader.drain() }

    /// No more packets come.
    mutating func finish() {
        conversation.end(last, limits, &reader)
        reader.finish(last)
    }

    mutating func forget() {
        conversation.forget()
        heldCount = conversation.heldCount + reader.heldCount
    }
}
