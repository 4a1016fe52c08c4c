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
    /// What came before it was known where the directions begin.
    private var opening: TCPOpening? = TCPOpening()

    package init() {}

    /// Bytes held.
    @inline(__always)
    package var heldCount: Int { streams[0].heldCount + streams[1].heldCount + (opening?.heldCount ?? 0) }

    /// Takes a packet, whose payload is a range of the block; before the next block, ``leave(_:)`` is to be called.
    package mutating func take(
        _ segment: TCPSegment, _ block: Span<UInt8>, from sender: FlowSide,
        _ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) {
        guard opening != nil else { return read(segment, block, from: sender, stamp, limits, &sink) }
        opening?.append(segment, block, from: sender, stamp)
        if opening?.isOver(limits) ?? false { begin(limits, &sink) }
    }

    /// The capture ends here, or room is needed for other flows.
    package mutating func end(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        begin(limits, &sink)
        for side in 0..<2 { streams[side].end(stamp, limits, &sink) }
        closeIfFinished()
    }

    /// Reads what has waited.
    private mutating func begin(_ limits: CaptureLimits, _ sink: inout some TCPSink) {
        guard let opening = exchange(&opening, with: nil), let first = opening.packets.first else { return }
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

    private mutating func closeIfFinished() {
        if streams[0].isFinished, streams[1].isFinished { ending = .closed }
    }

    /// Some of what is held lies in the block.
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
