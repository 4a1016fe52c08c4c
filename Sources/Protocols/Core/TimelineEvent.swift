/// One thing that happened in a session, as a reader wants it told. Every view and export is made from these,
/// so none of them knows a protocol.
public struct TimelineEvent: Sendable, Hashable, Codable {
    /// 1 for the first event of a recording; no gaps.
    public var sequence: UInt64
    public var start: Timestamp
    public var end: Timestamp?
    /// The stream within the connection (HTTP/2, SSH channel); 0 where there is only one.
    public var stream: UInt32
    /// "postgres.statement", "postgres.copy", "http.request", "gap", "redaction"…
    public var kind: String
    /// One line: the SQL, the request line, the tool's name.
    public var title: String
    public var outcome: Outcome
    public var fields: [Field]
    /// The bytes that asked, in the client's stream.
    public var request: Range<UInt64>?
    /// The bytes that answered, in the server's stream.
    public var response: Range<UInt64>?

    /// Texts stand apart, for most events have none, and every event is moved more than once.
    public indirect enum Outcome: Sendable, Hashable, Codable {
        case succeeded
        /// `code` is the protocol's own (SQLSTATE, HTTP status).
        case failed(code: String, message: String)
        case refused(rule: String)
        case cancelled
        /// The recording ended, or has not gone on, before the answer did.
        case unfinished
        /// Neither success nor failure: a notification, a gap.
        case none
    }

    public struct Field: Sendable, Hashable, Codable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    public enum Value: Sendable, Hashable, Codable {
        case text(String)
        case integer(Int64)
        case boolean(Bool)
        case byteCount(UInt64)
        case nanoseconds(UInt64)
        case list([Value])
        case null
        /// The first rows of a result; `total` counts all of them.
        case table(columns: [String], rows: TimelineRows, total: UInt64)
    }

    public init(
        sequence: UInt64, start: Timestamp, end: Timestamp? = nil, stream: UInt32 = 0, kind: String, title: String,
        outcome: Outcome = .none, fields: [Field] = [], request: Range<UInt64>? = nil, response: Range<UInt64>? = nil
    ) {
        self.sequence = sequence
        self.start = start
        self.end = end
        self.stream = stream
        self.kind = kind
        self.title = title
        self.outcome = outcome
        self.fields = fields
        self.request = request
        self.response = response
    }
}
