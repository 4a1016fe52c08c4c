import Protocols

/// One TCP connection as a capture shows it: both directions, put in order.
package struct TCPConversation: Sendable {
    /// How the capture of a connection ended.
    package enum Ending: String, Sendable {
        /// Both ends sent FIN, and all bytes before it were seen.
        case closed
        case reset
        /// Nothing more of it is in the capture.
        case open
    }

    package private(set) var ending = Ending.open
    private var streams: [2 of TCPStream] = [TCPStream(from: .lower), TCPStream(from: .higher)]
    /// It is not known yet where the directions begin.
    private var isOpening = true
    /// What came before it was.
    private var opening = TCPOpening()

    package init() {}

    /// Bytes held.
    @inline(__always)
    package var heldCount: Int { streams[0].heldCount + streams[1].heldCount + opening.heldCount }

    /// Takes a packet, whose payload is a range of the block; before the next block, ``leave(_:)`` is to be called.
    @inline(__always)
    package mutating func take(
        _ segment: TCPSegment, _ block: Span<UInt8>, from sender: FlowSide,
        _ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) {
        if isOpening, !open(segment, block, from: sender, stamp, limits, &sink) { return }
        read(segment, block, from: sender, stamp, limits, &sink)
    }

    /// False where the packet has to wait, or was read with what had waited.
    @inline(never)
    private mutating func open(
        _ segment: TCPSegment, _ block: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp,
        _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) -> Bool {
        // Most connections begin with a SYN: there is nothing to wait for.
        isOpening = !opening.packets.isEmpty || !segment.flags.contains(.syn)
        guard isOpening else { return true }
        opening.append(segment, block, from: sender, stamp)
        if opening.isOver(limits) { begin(limits, &sink) }
        return false
    }

    /// The capture ends here, or room is needed for other flows.
    package mutating func end(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        begin(limits, &sink)
        for side in 0..<2 { streams[side].end(stamp, limits, &sink) }
        closeIfFinished()
    }

    /// Reads what has waited.
    @inline(never)
    private mutating func begin(_ limits: CaptureLimits, _ sink: inout some TCPSink) {
        isOpening = false
        let opening = exchange(&opening, with: TCPOpening())
        guard let first = opening.packets.first else { return }
        for side in FlowSide.allCases {
            guard let start = opening.start(of: side) else { continue }
            streams[side.rawValue].begin(at: start, first.stamp, limits, &sink)
        }
        for packet in opening.packets {
            let payload = packet.payload.span
            read(packet.segment, payload, from: packet.sender, packet.stamp, limits, &sink)
            leave(payload)
        }
    }

    @inline(__always)
    private mutating func read(
        _ segment: TCPSegment, _ block: Span<UInt8>, from sender: FlowSide,
        _ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) {
        // Captured last, a SYN still tells who opened what is closed by then.
        if segment.flags.contains(.syn) {
            sink.opened(by: segment.flags.contains(.ack) ? sender.opposite : sender)
        }
        guard ending != .closed else { return }
        if segment.flags.contains(.ack) {
            streams[sender.opposite.rawValue].acknowledge(segment.acknowledgment)
        }
        streams[sender.rawValue].take(segment, block, stamp, limits, &sink)
        for side in 0..<2 { streams[side].wait(stamp, limits, &sink) }
        // What was in flight when an end gave up may have been captured later: a reset flow goes on to be read.
        if segment.flags.contains(.rst) { ending = .reset }
        closeIfFinished()
    }

    @inline(__always)
    private mutating func closeIfFinished() {
        if streams[0].isFinished, streams[1].isFinished { ending = .closed }
    }

    /// Some of what is held lies in the block.
    @inline(__always)
    var needsBlock: Bool { streams[0].needsBlock || streams[1].needsBlock }

    /// The block is over: what is still held of it is copied.
    package mutating func leave(_ block: Span<UInt8>) {
        for side in 0..<2 { streams[side].leave(block) }
    }

    /// Lets go of what is only held to find conflicts.
    mutating func forget() {
        for side in 0..<2 { streams[side].forget() }
    }
}
