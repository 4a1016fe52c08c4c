/// What went by that only the two peers can read.
struct SSHEncryptedDraft: Sendable {
    private var start: Timestamp?
    private var end: Timestamp?
    private var client: Range<UInt64>?
    private var server: Range<UInt64>?

    init() {}

    mutating func add(_ range: Range<UInt64>, _ direction: Direction, at time: Timestamp) {
        start = start ?? time
        end = time
        if direction == .clientToServer {
            client = (client?.lowerBound ?? range.lowerBound)..<range.upperBound
        } else {
            server = (server?.lowerBound ?? range.lowerBound)..<range.upperBound
        }
    }

    /// `nil` when nothing did.
    var event: TimelineEvent? {
        guard let start else { return nil }
        return TimelineEvent(
            sequence: 0, start: start, end: end, kind: "ssh.encrypted", title: "an encrypted session",
            fields: [
                .init("sent", .byteCount(UInt64(client?.count ?? 0))),
                .init("received", .byteCount(UInt64(server?.count ?? 0))),
            ], request: client, response: server)
    }

    // MARK: Snapshot

    var snapshot: JSON {
        .object([
            "start": Self.json(start), "end": Self.json(end), "client": Self.json(client), "server": Self.json(server),
        ])
    }

    init?(_ snapshot: JSON) {
        guard snapshot["client"] != nil else { return nil }
        start = Self.time(snapshot["start"])
        end = Self.time(snapshot["end"])
        client = Self.range(snapshot["client"])
        server = Self.range(snapshot["server"])
    }

    private static func json(_ time: Timestamp?) -> JSON {
        time.map { .array([.unsigned($0.monotonicNanoseconds), .integer($0.wallNanoseconds)]) } ?? .null
    }

    private static func json(_ range: Range<UInt64>?) -> JSON {
        range.map { .array([.unsigned($0.lowerBound), .unsigned($0.upperBound)]) } ?? .null
    }

    private static func time(_ json: JSON?) -> Timestamp? {
        guard let pair = json?.array, pair.count == 2, let monotonic = pair[0].unsigned, let wall = pair[1].integer
        else { return nil }
        return Timestamp(monotonicNanoseconds: monotonic, wallNanoseconds: wall)
    }

    private static func range(_ json: JSON?) -> Range<UInt64>? {
        guard let pair = json?.array, pair.count == 2, let from = pair[0].unsigned, let to = pair[1].unsigned,
            from <= to
        else { return nil }
        return from..<to
    }
}
