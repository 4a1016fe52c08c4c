import Protocols

/// Follows some of a capture's flows, and writes what they say. All packets of a flow come to the same desk, in order.
struct DecodeDesk {
    /// Room that is made for what a block will be told of, before it is.
    private static let expectedMaximum = 1 << 20

    private let guide: FlowGuide<TimelineListener>
    private let voice: DecodeVoice
    /// Flows that go on, in no order.
    private var flows: [DecodedFlow] = []
    /// Where among them the flow of each slot is; -1 where it has ended.
    private var places: [Int] = []
    /// The slots of those that hold what lies in the block.
    private var inBlock: [Int32] = []
    private var heldCount = 0
    private var output = DecodeOutput()

    init(_ context: FlowContext, _ filter: DecodeFilter, _ renderer: any DecodeRenderer) {
        guide = FlowGuide(context) { opening, _ in TimelineListener(opening) }
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
        for slot in inBlock {
            let place = places[Int(slot)]
            if place >= 0 { flows[place].leave(bytes) }
        }
        inBlock.removeAll(keepingCapacity: true)
        return handOver()
    }

    /// The capture has ended, and with it all flows.
    mutating func finish() -> DecodeOutput {
        for flow in flows.map({ (number: $0.number, slot: $0.slot) }).sorted(by: { $0.number < $1.number }) {
            end(flow.slot, packet: .max)
        }
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
        let place = places[Int(packet.slot)]
        guard place >= 0 else { return }
        let step = flows[place].take(packet, block, voice, &output)
        heldCount += step.held
        if step.joinsBlock { inBlock.append(packet.slot) }
        if step.isClosed { end(packet.slot, packet: packet.stamp.number) }
        if heldCount > guide.context.limits.held { makeRoom() }
    }

    private mutating func begin(_ beginning: FlowBeginning, _ first: FlowPacket) {
        while places.count <= Int(first.slot) { places.append(-1) }
        end(first.slot, packet: first.stamp.number)
        places[Int(first.slot)] = flows.count
        flows.append(DecodedFlow(beginning, first, guide))
    }

    /// Ends the slot's flow, if one goes on. The last one takes its place.
    private mutating func end(_ slot: Int32, packet: UInt64) {
        let place = exchange(&places[Int(slot)], with: -1)
        guard place >= 0 else { return }
        heldCount -= flows[place].heldCount
        flows[place].end(packet, voice, &output)
        let last = flows.removeLast()
        guard place < flows.count else { return }
        places[Int(last.slot)] = place
        flows[place] = last
    }

    /// Lets go of what is only held to find conflicts; what still is too much ends the flows that hold the most.
    private mutating func makeRoom() {
        heldCount = 0
        for place in flows.indices { heldCount += flows[place].forget() }
        let largest = flows.map { (slot: $0.slot, held: $0.heldCount, last: $0.lastPacket) }
            .sorted { ($1.held, $0.slot) < ($0.held, $1.slot) }
        for flow in largest.prefix(while: { _ in heldCount > guide.context.limits.held / 2 }) {
            end(flow.slot, packet: flow.last)
        }
    }
}
