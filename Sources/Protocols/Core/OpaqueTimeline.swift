/// The timeline of a protocol that nobody here can read: who, what was noted, what is missing, and how many bytes went by.
public struct OpaqueTimeline: TimelineBuilder {
    private var counts: [2 of UInt64] = [0, 0]
    private var first: Timestamp?
    private var events: [TimelineEvent] = []
    private var sequence: UInt64 = 0

    public init(limits: WireLimits, selection: EventSelection) {}

    public mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        first = first ?? time
        counts[direction.slot] &+= UInt64(bytes.count)
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        append(.gap(length, direction, stream: stream, offset: counts[direction.slot], at: time))
        counts[direction.slot] &+= length
    }

    public mutating func identity(_ identity: Identity, at time: Timestamp) {
        append(TimelineEvent(identity, at: time))
    }

    public mutating func annotation(_ annotation: Annotation, at time: Timestamp) {
        append(TimelineEvent(annotation, at: time))
    }

    public mutating func finish(at time: Timestamp) {
        guard let first else { return }
        append(
            TimelineEvent(
                sequence: 0, start: first, end: time, kind: "opaque", title: "bytes of a protocol that cannot be read",
                fields: [.init("sent", .byteCount(counts[0])), .init("received", .byteCount(counts[1]))],
                request: 0..<counts[0], response: 0..<counts[1]))
    }

    public var heldCount: Int { 0 }

    public mutating func drain() -> [TimelineEvent] { exchange(&events, with: []) }

    public func snapshot() -> [UInt8]? { nil }

    public init?(snapshot: Span<UInt8>, offsets: StreamOffsets, limits: WireLimits) { return nil }

    private mutating func append(_ event: TimelineEvent) {
        sequence += 1
        var event = event
        event.sequence = sequence
        events.append(event)
    }
}
