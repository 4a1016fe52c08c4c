import Protocols

/// One TCP connection as a capture shows it: both directions, put in order.
struct TCPConversation: Sendable {
    /// How the capture of a connection ended.
    enum Ending: String, Sendable {
        /// Both ends sent FIN, and all bytes before it were seen.
        case closed
        case reset
        /// Nothing more of it is in the capture.
        case open
    }

    private(set) var ending = Ending.open
    /// The end that sent the SYN; `nil` where the capture begins later.
    private(set) var client: FlowSide?
    private var streams: [2 of TCPStream] = [TCPStream(from: .lower), TCPStream(from: .higher)]

    /// Bytes held.
    var heldCount: Int { streams[0].heldCount + streams[1].heldCount }

    mutating func take(
        _ segment: TCPSegment, _ payload: Span<UInt8>, from sender: FlowSide, _ stamp: PacketStamp,
        _ limits: CaptureLimits, _ sink: inout some TCPSink
    ) {
        guard ending != .closed else { return }
        if segment.flags.contains(.syn) { client = segment.flags.contains(.ack) ? sender.opposite : sender }
        if let client { sink.opened(by: client) }
        let receiver = sender.opposite.rawValue
        if segment.flags.contains(.ack) { streams[receiver].acknowledge(segment.acknowledgment) }
        streams[sender.rawValue].take(segment, payload, stamp, limits, &sink)
        for side in 0..<2 { streams[side].wait(stamp, limits, &sink) }
        // What was in flight when an end gave up may have been captured later: a reset flow goes on to be read.
        if segment.flags.contains(.rst) { ending = .reset }
        if streams[0].isFinished, streams[1].isFinished { ending = .closed }
    }

    /// The capture ends here, or room is needed for other flows.
    mutating func end(_ stamp: PacketStamp, _ limits: CaptureLimits, _ sink: inout some TCPSink) {
        for side in 0..<2 { streams[side].end(stamp, limits, &sink) }
    }

    /// Lets go of what is only held to find conflicts.
    mutating func forget() {
        for side in 0..<2 { streams[side].forget() }
    }
}
