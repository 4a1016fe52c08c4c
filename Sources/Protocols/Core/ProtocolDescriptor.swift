/// One protocol as the rest of the program sees it. Types are erased once per connection, never per message.
public struct ProtocolDescriptor: Sendable {
    public var id: ProtocolID
    /// Tells from the first bytes of both directions whether this protocol is spoken.
    public var detect: @Sendable (_ client: Span<UInt8>, _ server: Span<UInt8>) -> Detection
    public var makeTimeline: @Sendable (WireLimits, EventSelection) -> any TimelineBuilder
    public var resumeTimeline: @Sendable (_ snapshot: Span<UInt8>, StreamOffsets, WireLimits) -> (any TimelineBuilder)?

    public init<Builder: TimelineBuilder>(
        id: ProtocolID, timeline: Builder.Type,
        detect: @escaping @Sendable (_ client: Span<UInt8>, _ server: Span<UInt8>) -> Detection
    ) {
        self.id = id
        self.detect = detect
        self.makeTimeline = { Builder(limits: $0, selection: $1) }
        self.resumeTimeline = { Builder(snapshot: $0, offsets: $1, limits: $2) }
    }
}

public enum Detection: Sendable, Equatable {
    case no
    case needMore
    case yes
    /// Yes, but who is the client cannot be told yet: the other way round it may be as well.
    case eitherWay
    /// Yes, but what is there follows upon something else: the connection began before, and a reader is to be told of a gap.
    case midstream
}
