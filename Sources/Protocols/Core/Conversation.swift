/// Who said what, and what came of it: folds the messages of one connection into events.
///
/// ``ConversationTimeline`` drives the decoder, keeps the times, and stops at a fault; a conversation has only its
/// protocol's own part.
public protocol Conversation: Sendable {
    associatedtype Decoder: WireDecoder

    /// The events that have come to their end since the last drain.
    var events: EventQueue { get set }

    /// - Parameter selection: what its events will be asked for.
    init(limits: WireLimits, selection: EventSelection)

    /// Bytes that it keeps for events to come, and for those that wait: roughly, and in constant time.
    var heldCount: Int { get }

    /// Lets the session read, and tell the conversation.
    static func read(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp,
        _ session: inout TimedSession<Decoder>, _ conversation: inout Self
    ) throws(WireFault)

    /// What both keep.
    static func heldCount(_ session: borrowing TimedSession<Decoder>, _ conversation: borrowing Self) -> Int

    /// One event of the decoder. `start` is when its first byte came, `time` when its last did.
    mutating func take(
        _ event: WireEvent<Decoder.Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp)

    /// `length` bytes of the direction are missing; 0: nobody knows how many.
    mutating func gap(_ length: UInt64, _ direction: Direction, offset: UInt64, at time: Timestamp)

    /// Nothing more can be read: what is under way stays without an answer.
    mutating func abandon(at time: Timestamp)

    /// The recording ends.
    mutating func finish(at time: Timestamp)

    /// All that is remembered between two messages, the decoder's memory included; `nil` while something is under way.
    func snapshot(_ decoder: Decoder) -> JSON?

    /// Goes on from a snapshot; `nil` when it is none.
    static func resume(_ snapshot: JSON, limits: WireLimits) -> (Decoder, Self)?
}

extension Conversation {
    /// For protocols whose events hold little.
    public var heldCount: Int { events.heldCount }

    // Runs for every packet: inlined where a conversation conforms, it is compiled for the decoder of that. The timeline, which
    // is generic, would call it unspecialized.
    @inline(__always)
    public static func read(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp,
        _ session: inout TimedSession<Decoder>, _ conversation: inout Self
    ) throws(WireFault) {
        let starts = session.starts(at: time)
        try session.feed(bytes, direction, starts) { event, direction, offset, content in
            conversation.take(event, direction, offset, content, start: starts[direction, offset], at: time)
        }
    }

    // For every packet, too.
    @inline(__always)
    public static func heldCount(_ session: borrowing TimedSession<Decoder>, _ conversation: borrowing Self) -> Int {
        session.heldCount + conversation.heldCount
    }
}
