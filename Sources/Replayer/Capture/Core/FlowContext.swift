public import Protocols

/// What all flows of a capture are read by.
public struct FlowContext: Sendable {
    public var protocols: [ProtocolDescriptor]
    /// Speaks for every flow, whatever it looks like.
    public var forced: ProtocolDescriptor?
    public var wireLimits = WireLimits()
    public var limits = CaptureLimits()
    /// What the events will be asked for.
    public var selection = EventSelection.everything
    /// It will be asked which packets brought an event's bytes.
    public var asksPackets = true

    public init(protocols: [ProtocolDescriptor]) { self.protocols = protocols }
}

/// What is known of a flow once its protocol is.
struct FlowOpening {
    var number: UInt64
    var client: FlowEndpoint
    var server: FlowEndpoint
    /// `nil` where nobody can read what is said.
    var descriptor: ProtocolDescriptor?
    /// When the first of it was said.
    var begun: Timestamp
    var limits: WireLimits
    /// What the events will be asked for.
    var selection: EventSelection
}

/// What flows share that are followed by one task: by what they are read, and who is told. An object, so that a flow that begins
/// counts one reference to all of it.
final class FlowGuide<Listener> {
    let context: FlowContext
    /// Makes whoever is told what a flow says; gets the name of what it speaks, too.
    let listen: (FlowOpening, _ speech: String) -> Listener

    init(_ context: FlowContext, listen: @escaping (FlowOpening, _ speech: String) -> Listener) {
        self.context = context
        self.listen = listen
    }
}

/// Is told what a flow says, in order.
protocol FlowListener {
    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp)
    /// 0: nobody knows how many bytes are missing.
    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp)
    mutating func annotation(_ annotation: Annotation, at time: Timestamp)
    mutating func finish(at time: Timestamp)
    /// What has come of all this since the last call.
    mutating func drain() -> FlowOutcome
}

/// What a listener makes of what it is told.
struct FlowOutcome {
    /// The events completed since it was last asked.
    var events: [TimelineEvent] = []
    /// Bytes held for want of others.
    var heldCount: Int
}

extension FlowListener {
    /// Tells it something, and gives what comes of that.
    @inline(__always)
    mutating func take(_ something: (inout Self) -> Void) -> FlowOutcome {
        something(&self)
        return drain()
    }
}

/// Makes a timeline of what is said.
struct TimelineListener: FlowListener {
    private var builder: any TimelineBuilder

    init(_ opening: FlowOpening) {
        builder =
            opening.descriptor?.makeTimeline(opening.limits, opening.selection)
            ?? OpaqueTimeline(limits: opening.limits)
    }

    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp) {
        builder.data(bytes, direction, stream: 0, at: time)
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp) {
        builder.gap(length, direction, stream: 0, at: time)
    }

    mutating func annotation(_ annotation: Annotation, at time: Timestamp) { builder.annotation(annotation, at: time) }

    mutating func finish(at time: Timestamp) { builder.finish(at: time) }

    mutating func drain() -> FlowOutcome { builder.drainOutcome() }
}

extension TimelineBuilder {
    /// Both at once: to open an existential takes longer than what either does.
    fileprivate mutating func drainOutcome() -> FlowOutcome { FlowOutcome(events: drain(), heldCount: heldCount) }
}
