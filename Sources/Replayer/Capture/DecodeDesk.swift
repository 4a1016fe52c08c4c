import Protocols

/// Follows some of a capture's flows, and writes what they say. All packets of a flow come to the same desk, in order.
struct DecodeDesk {
    /// An object, so that no packet moves what is remembered of the flow.
    private final class Slot {
        var flow: DecodedFlow

        init(_ flow: DecodedFlow) { self.flow = flow }
    }

    /// Room that is made for what a block will be told of, before it is.
    private static let expectedMaximum = 1 << 20

    private let context: FlowContext
    private let voice: DecodeVoice
    /// Flows that go on, by slot.
    private var slots: [Slot?] = []
    /// The places of those that hold what lies in the block.
    private var inBlock: [Int] = []
    private var heldCount = 0
    private var output = DecodeOutput()

    init(_ context: FlowContext, _ filter: DecodeFilter, _ renderer: any DecodeRenderer) {
        self.context = context
        voice = DecodeVoice(filter: filter, renderer: renderer)
    }

    /// Takes the packets of one block, whose payloads are ranges of its bytes.
    mutating func take(_ block: consuming CaptureBlock, shard: Int) -> DecodeOutput {
        take(block.packets[shard], block.bytes.span)
    }

    mutating func take(_ dealt: FlowPackets, _ bytes: Span<UInt8>) -> DecodeOutput {
        let packets = dealt.packets.span
        var begun = 0
        for index in packets.indices {
            if packets[index].begins {
                begin(dealt.beginnings[begun], packets[index])
                begun += 1
            }
            take(packets[index], bytes)
        }
        for place in inBlock { slots[place]?.flow.leave(bytes) }
        inBlock.removeAll(keepingCapacity: true)
        return handOver()
    }

    /// The capture has ended, and with it all flows.
    mutating func finish() -> DecodeOutput {
        let open = slots.indices.filter { slots[$0] != nil }
        for place in open.sorted(by: { slots[$0]!.flow.number < slots[$1]!.flow.number }) { end(place, packet: .max) }
        return handOver()
    }

    /// What comes next will be about as much.
    private mutating func handOver() -> DecodeOutput {
        var next = DecodeOutput()
        next.parts.reserveCapacity(min(output.parts.count, Self.expectedMaximum))
        next.bytes.reserveCapacity(min(output.bytes.count, Self.expectedMaximum))
        return exchange(&output, with: next)
    }

    private mutating func take(_ packet: FlowPacket, _ block: Span<UInt8>) {
        let place = Int(packet.slot)
        guard let slot = slots[place] else { return }
        let step = slot.flow.take(packet, block, voice, &output)
        heldCount += step.held
        if step.joinsBlock { inBlock.append(place) }
        if step.isClosed { end(place, packet: packet.stamp.number) }
        if heldCount > context.limits.held { makeRoom() }
    }

    private mutating func begin(_ beginning: FlowBeginning, _ packet: FlowPacket) {
        let place = Int(packet.slot)
        while slots.count <= place { slots.append(nil) }
        end(place, packet: packet.stamp.number)
        slots[place] = Slot(DecodedFlow(beginning, packet.stamp, context))
    }

    private mutating func end(_ place: Int, packet: UInt64) {
        guard let slot = exchange(&slots[place], with: nil) else { return }
        heldCount -= slot.flow.heldCount
        slot.flow.end(packet, voice, &output)
    }

    /// Lets go of what is only held to find conflicts; what still is too much ends the flows that hold the most.
    private mutating func makeRoom() {
        heldCount = 0
        for slot in slots { heldCount += slot?.flow.forget() ?? 0 }
        guard heldCount > context.limits.held / 2 else { return }
        let largest = slots.indices.sorted { (slots[$0]?.flow.heldCount ?? 0) > (slots[$1]?.flow.heldCount ?? 0) }
        for place in largest.prefix(while: { _ in heldCount > context.limits.held / 2 }) {
            end(place, packet: slots[place]?.flow.lastPacket ?? 0)
        }
    }
}
