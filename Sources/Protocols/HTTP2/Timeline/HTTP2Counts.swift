/// What is too frequent to be told one by one; told when the connection ends.
struct HTTP2Counts: Sendable {
    var streams: UInt64 = 0
    var pings: UInt64 = 0
    var windowUpdates: UInt64 = 0
    var resets: UInt64 = 0
    var unknown: UInt64 = 0

    init() {}

    /// `nil` when there was nothing.
    func event(at time: Timestamp) -> TimelineEvent? {
        var fields: [TimelineEvent.Field] = []
        for (name, count) in members where count > 0 {
            fields.append(.init(name, .integer(Int64(clamping: count))))
        }
        guard !fields.isEmpty else { return nil }
        let title = "an HTTP/2 connection of \(streams) stream\(streams == 1 ? "" : "s")"
        return TimelineEvent(sequence: 0, start: time, kind: "http2.connection", title: title, fields: fields)
    }

    private var members: [(name: String, count: UInt64)] {
        [
            ("streams", streams), ("pings", pings), ("windowUpdates", windowUpdates), ("resets", resets),
            ("unknownFrames", unknown),
        ]
    }

    // MARK: Snapshot

    var snapshot: JSON { .array(members.map { .unsigned($0.count) }) }

    init?(_ snapshot: JSON) {
        guard let counts = snapshot.array?.compactMap(\.unsigned), counts.count == 5 else { return nil }
        (streams, pings, windowUpdates, resets, unknown) = (counts[0], counts[1], counts[2], counts[3], counts[4])
    }
}
