import Protocols

/// Content that stands for itself within a recording: copied data, long values, bodies of messages.
struct Content: Sendable, Equatable {
    enum Kind: String, Sendable {
        case copyIn = "copy-in"
        case copyOut = "copy-out"
        /// A value of a row.
        case value
        /// A value of a Bind message.
        case parameter
        case requestBody = "request-body"
        case responseBody = "response-body"
    }

    var kind: Kind
    var lane: ContentLane
    /// Of the message that holds its beginning, in the direction's stream.
    var offset: UInt64
    var time: Timestamp
    /// What peers say of it (column, target, type). Never a name for a file.
    var facts: [String: String] = [:]

    init(_ kind: Kind, _ lane: ContentLane, offset: UInt64, time: Timestamp) {
        self.kind = kind
        self.lane = lane
        self.offset = offset
        self.time = time
    }
}

/// In what contents come one after the other.
struct ContentLane: Sendable, Hashable {
    /// Who sends it.
    var direction: Direction
    /// 0 where a connection has no streams.
    var stream: UInt32 = 0

    init(_ direction: Direction, stream: UInt32 = 0) {
        self.direction = direction
        self.stream = stream
    }
}

/// Takes contents as they are found: one at a time in each lane.
protocol ContentSink {
    mutating func begin(_ content: Content)
    /// Some of the bytes of the content that has begun in this lane.
    mutating func append(_ bytes: Span<UInt8>, _ lane: ContentLane)
    /// - Parameter isWhole: false where the recording has no more of it.
    mutating func end(_ lane: ContentLane, isWhole: Bool)
}

/// Finds contents in the bytes of one connection. One implementation per protocol; never fails: what cannot be read holds
/// none.
protocol ContentFinder {
    mutating func data(
        _ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, into sink: inout some ContentSink)
    mutating func gap(_ length: UInt64, _ direction: Direction, into sink: inout some ContentSink)
    /// The recording ends here.
    mutating func finish(into sink: inout some ContentSink)
}
