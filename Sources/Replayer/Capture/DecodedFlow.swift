import Protocols

/// What is told of flows, and how.
struct DecodeVoice {
    let filter: DecodeFilter
    let renderer: any DecodeRenderer
}

/// A flow that goes on, and what was printed of it.
struct DecodedFlow {
    /// Where its shard keeps it.
    let slot: Int32
    private var follower: FlowFollower<TimelineListener>
    /// What was printed of the flow, `nil` before anything was.
    private var facts: FlowFacts?
    private var isAdmitted = true
    /// Bytes held for want of others, as they were last counted.
    private(set) var heldCount = 0
    /// Some of what is held may lie in the block.
    private var isInBlock = false

    init(_ beginning: FlowBeginning, _ first: FlowPacket, _ guide: FlowGuide<TimelineListener>) {
        slot = first.slot
        follower = FlowFollower(beginning, first.stamp, guide)
    }

    var number: UInt64 { follower.number }
    var lastPacket: UInt64 { follower.lastPacket }

    /// What a packet has changed.
    struct Step {
        /// How many more bytes than before are held.
        var held: Int
        /// The flow is to be told of the end of the block; said once for each block.
        var joinsBlock: Bool
        /// Both ends have closed the flow.
        var isClosed: Bool
    }

    @inline(__always)
    mutating func take(
        _ packet: FlowPacket, _ block: Span<UInt8>, _ voice: DecodeVoice, _ output: inout DecodeOutput
    ) -> Step {
        follower.take(packet, block)
        if !follower.reader.events.isEmpty { tell(packet.stamp.number, voice, &output) }
        let before = exchange(&heldCount, with: follower.heldCount)
        let wasInBlock = exchange(&isInBlock, with: isInBlock || follower.needsBlock)
        return Step(
            held: heldCount - before, joinsBlock: isInBlock && !wasInBlock, isClosed: follower.ending == .closed)
    }

    /// The block is over.
    mutating func leave(_ block: Span<UInt8>) {
        follower.leave(block)
        isInBlock = false
    }

    /// No more packets come.
    mutating func end(_ packet: UInt64, _ voice: DecodeVoice, _ output: inout DecodeOutput) {
        follower.finish()
        if !follower.reader.events.isEmpty { tell(packet, voice, &output) }
        let start = output.bytes.count
        introduce(voice, &output)
        if isAdmitted, let facts { voice.renderer.end(follower.end, of: facts, into: &output.bytes) }
        output.parts.append(
            DecodePart(packet: packet, flow: number, range: start..<output.bytes.count, isLast: true))
    }

    /// Lets go of what is only held to find conflicts, and says what is still held.
    mutating func forget() -> Int {
        follower.forget()
        heldCount = follower.heldCount
        return heldCount
    }

    private mutating func tell(_ packet: UInt64, _ voice: DecodeVoice, _ output: inout DecodeOutput) {
        var events = follower.takeEvents()
        let start = output.bytes.count
        introduce(voice, &output)
        guard isAdmitted, let facts else { return }
        // Whoever takes an event out of an array need not copy it, and the last one leaves at no cost.
        events.reverse()
        while let event = events.popLast() {
            let packets = follower.packets(event.request, event.response)
            guard voice.filter.admits(event) else { continue }
            voice.renderer.event(event, packets, of: facts, into: &output.bytes)
        }
        output.parts.append(DecodePart(packet: packet, flow: number, range: start..<output.bytes.count, isLast: false))
    }

    /// Prints what the flow is, once.
    private mutating func introduce(_ voice: DecodeVoice, _ output: inout DecodeOutput) {
        if case .some = facts { return }
        let facts = follower.facts
        self.facts = facts
        isAdmitted = voice.filter.admits(facts)
        if isAdmitted { voice.renderer.flow(facts, into: &output.bytes) }
    }
}
