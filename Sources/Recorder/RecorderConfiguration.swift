/// Where and how a gateway records. There is no setting that turns recording off.
public struct RecorderConfiguration: Sendable {
    /// When bytes may go on: once the journal holds them, or once it holds them durably.
    public enum Durability: String, Sendable, CaseIterable {
        /// A killed gateway loses nothing; a power failure what came within the last sync's interval.
        case normal
        /// Nothing is forwarded that a power failure could lose.
        case strict
    }

    /// Keys, trust store, catalog, journal: mode 0700.
    public var state: String
    public var recordings: String
    /// One lane per event loop; a count.
    public var lanes: Int
    public var durability = Durability.normal
    /// How often the journal is made durable, in milliseconds.
    public var syncMilliseconds = 200
    /// The size of one journal segment, in bytes.
    public var journalSegmentBytes = 16 << 20
    /// How many segments a lane may use; a count.
    public var journalSegmentsMaximum = 16
    /// With less free space than this no new recording begins, in bytes.
    public var minimumFreeBytes: UInt64 = 256 << 20

    public init(state: String, recordings: String, lanes: Int) {
        self.state = state
        self.recordings = recordings
        self.lanes = lanes
    }
}
