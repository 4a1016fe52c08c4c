import Protocols

/// One flow from its first packet to its last: reassembly, and the reader behind it.
struct FlowFollower<Listener: FlowListener> {
    private(set) var reader: FlowReader<Listener>
    private(set) var packetCount: UInt64 = 0
    /// Bytes held for want of others.
    private(set) var heldCount = 0
    private var conversation = TCPConversation()
    private var last: PacketStamp
    private let guide: FlowGuide<Listener>

    init(_ beginning: FlowBeginning, _ first: PacketStamp, _ guide: FlowGuide<Listener>) {
        last = first
        self.guide = guide
        reader = FlowReader(beginning, first, guide)
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

    /// Takes a packet, whose payload is a range of the block; before the next block, ``leave(_:)`` is to be called.
    @inline(__always)
    mutating func take(_ packet: FlowPacket, _ block: Span<UInt8>) {
        packetCount += 1
        last = packet.stamp
        conversation.take(packet.segment, block, from: packet.sender, packet.stamp, guide.context.limits, &reader)
        heldCount = conversation.heldCount + reader.heldCount
    }

    /// Some of what is held lies in the block.
    var needsBlock: Bool { conversation.needsBlock }

    /// The block is over: what is still held of it is copied.
    mutating func leave(_ block: Span<UInt8>) { conversation.leave(block) }

    mutating func takeEvents() -> [TimelineEvent] { reader.takeEvents() }

    /// The packets that brought an event's request and response. Nobody will ask for those of earlier events any more.
    mutating func packets(_ request: Range<UInt64>?, _ response: Range<UInt64>?) -> EventPackets {
        reader.packets(request, response)
    }

    /// No more packets come.
    mutating func finish() {
        conversation.end(last, guide.context.limits, &reader)
        reader.finish(last)
    }

    mutating func forget() {
        conversation.forget()
        heldCount = conversation.heldCount + reader.heldCount
    }
}
