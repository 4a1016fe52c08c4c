/// Folds the bytes of one recording into events. One implementation per protocol.
///
/// A builder never fails: what it cannot read becomes an event that says so.
public protocol TimelineBuilder: Sendable {
    /// - Parameter selection: what its events will be asked for.
    init(limits: WireLimits, selection: EventSelection)

    /// `bytes` follow the last ones of the same direction and stream.
    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp)
    mutating func gap(_ length: UInt64, _ direction: Direction, stream: UInt32, at time: Timestamp)
    mutating func identity(_ identity: Identity, at time: Timestamp)
    mutating func annotation(_ annotation: Annotation, at time: Timestamp)
    /// The recording ends here, sealed or not.
    mutating func finish(at time: Timestamp)

    /// The events completed since the last call, in order of their start's sequence.
    mutating func drain() -> [TimelineEvent]

    /// What of the bytes read waits for more of its message, or for an answer: roughly, and in constant time.
    var heldCount: Int { get }

    /// All that is needed to go on from here in another process, or `nil` in a state that cannot be kept
    /// (in the middle of a message). Opaque to callers; a few KiB at most plus the names in use.
    ///
    /// Says nothing of where the streams stand, so that a state that does not change makes equal snapshots.
    func snapshot() -> [UInt8]?
    /// Goes on where both streams have come to `offsets`. `nil` when the snapshot is not of this builder's making.
    init?(snapshot: Span<UInt8>, offsets: StreamOffsets, limits: WireLimits)
}

extension TimelineBuilder {
    public init(limits: WireLimits) { self.init(limits: limits, selection: .everything) }
}
