public import Protocols
public import Recorder

/// What stands above a timeline: which connection this is, whose, and to where.
public struct TimelineHeading: Sendable {
    /// How far the recording goes.
    public enum State: String, Sendable {
        /// Ended with the connection, and signed.
        case closed
        /// Signed after the gateway had been interrupted.
        case interrupted
        /// The gateway is writing it.
        case live
        /// Neither signed nor being written.
        case incomplete
    }

    /// Where a recording stands in a session that several connections shared.
    public struct Place: Sendable {
        /// The session's key.
        public var session: String
        /// Counts from 1; events of the session have it as their `stream`.
        public var number: UInt32
        /// How many recordings there are.
        public var count: Int
    }

    public var recording: RecordingID
    public var state: State
    public var start: StartFacts?
    /// Of the first record.
    public var begun: Timestamp?
    /// Nanoseconds since 1970 of the last record; `nil` while the recording is not sealed.
    public var endedWallNanoseconds: Int64?
    public var identity: Identity?
    /// `nil` for a recording that is read for itself.
    public var place: Place?

    public init(
        recording: RecordingID, state: State, start: StartFacts? = nil, begun: Timestamp? = nil,
        endedWallNanoseconds: Int64? = nil, identity: Identity? = nil
    ) {
        self.recording = recording
        self.state = state
        self.start = start
        self.begun = begun
        self.endedWallNanoseconds = endedWallNanoseconds
        self.identity = identity
    }
}
