import Protocols

/// Follows some of a capture's flows, and writes what they say. All packets of a flow come to the same desk, in order.
struct DecodeDesk {
    /// A flow that goes on. An object, so that no packet moves what is remembered of it.
    private final class Flow {
        var follower: FlowFollower
        /// What was printed of the flow, `nil` before anything was.
        var facts: FlowFacts?
        var isAdmitted = true
        var heldCount = 0

        init(_ follower: FlowFollower) { self.follower = follower }
    }

    /// Room that is made for what a block will be told of, before it is.
    private static let expectedMaximum = 1 << 20

    private let context: FlowContext
    private let filter: DecodeFilter
    private let renderer: any DecodeRenderer
    private let shards: Int
    /// By slot, divided by the number of shards.
    private var flows: [Flow?] = []
    private var heldCount = 0
    private var output = DecodeOutput()

    init(_ context: FlowContext, _ filter: DecodeFilter, _ renderer: any DecodeRenderer, shards: Int) {
        self.context = context
        self.filter = filter
        self.renderer = renderer
        self.shards = shards
    }

    /// Takes the packets of one block, whose payloads are ranges of its bytes.
    mutating func take(_ packets: [FlowPacket], _ bytes: Span<UInt8>) -> DecodeOutput {
        for packet in packets { take(packet, bytes.extracting(packet.payload)) }
        return handOver()
    }

    /// The capture has ended, and with it all flows.
    mutating func finish() -> DecodeOutput {
        let open = flows.indices.filter { flows[$0] != nil }
        for place in open.sorted(by: { flows[$0]!.follower.number < flows[$1]!.follower.number }) {
            end(place, packet: .max)
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

    private mutating func take(_ packet: FlowPacket, _ payload: Span<UInt8>) {
        let place = packet.slot / shards
        if let key = packet.key { begin(packet, key, at: place) }
        guard let flow = flows[place] else { return }
        flow.follower.take(packet.segment, payload, from: packet.sender, packet.stamp)
        tell(flow, packet: packet.stamp.number)
        let held = flow.follower.heldCount
        heldCount += held - exchange(&flow.heldCount, with: held)
        if flow.follower.ending == .closed { end(place, packet: packet.stamp.number) }
        if heldCount > context.limits.held { makeRoom() }
    }

    private mutating func begin(_ packet: FlowPacket, _ key: FlowKey, at place: Int) {
        while flows.count <= place { flows.append(nil) }
        end(place, packet: packet.stamp.number)
        flows[place] = Flow(FlowFollower(number: packet.flow, key: key, first: packet.stamp, context))
    }

    private mutating func end(_ place: Int, packet: UInt64) {
        guard let flow = exchange(&flows[place], with: nil) else { return }
        heldCount -= flow.heldCount
        flow.follower.finish()
        tell(flow, packet: packet)
        let start = output.bytes.count
        let facts = introduce(flow)
        if flow.isAdmitted { renderer.end(flow.follower.end, of: facts, into: &output.bytes) }
        output.parts.append(
            DecodePart(
                packet: packet, flow: flow.follower.number, range: start..<output.bytes.count, isLast: true))
    }

    private mutating func tell(_ flow: Flow, packet: UInt64) {
        let events = flow.follower.drain()
        guard !events.isEmpty else { return }
        let start = output.bytes.count
        let facts = introduce(flow)
        guard flow.isAdmitted else { return }
        for index in events.indices where filter.admits(events[index].event) {
            renderer.event(events[index], of: facts, into: &output.bytes)
        }
        output.parts.append(
            DecodePart(packet: packet, flow: facts.number, range: start..<output.bytes.count, isLast: false))
    }

    /// Prints what the flow is, once.
    private mutating func introduce(_ flow: Flow) -> FlowFacts {
        if let facts = flow.facts { return facts }
        let facts = flow.follower.facts
        flow.facts = facts
        flow.isAdmitted = filter.admits(facts)
        if flow.isAdmitted { renderer.flow(facts, into: &output.bytes) }
        return facts
    }

    /// Lets go of what is only held to find conflicts; what still is too much ends the flows that hold the most.
    private mutating func makeRoom() {
        heldCount = 0
        for place in flows.indices {
            flows[place]?.follower.forget()
            let held = flows[place]?.follower.heldCount ?? 0
            flows[place]?.heldCount = held
            heldCount += held
        }
        guard heldCount > context.limits.held / 2 else { return }
        let largest = flows.indices.sorted { (flows[$0]?.heldCount ?? 0) > (flows[$1]?.heldCount ?? 0) }
        for place in largest.prefix(while: { _ in heldCount > context.limits.held / 2 }) {
            end(place, packet: flows[place]?.follower.lastPacket ?? 0)
        }
    }
}
