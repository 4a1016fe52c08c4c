/// What is too frequent to be told one by one; told when the connection ends.
struct HTTP2Counts: Sendable {
    var streams: UInt64 = 0
    var pings: UInt64 = 0
    var windowUpdates: UInt64 = 0
    var resets: UInt64 = 0
    var unknown: UInt64 = 0

    init() {}

    /// `nil` when there was nothing.
    func event(at time: Timestamp, _ selection: EventSelection) -> TimelineEvent? {
        guard streams | pings | windowUpdates | resets | unknown > 0 else { return nil }
        var fields = SelectedFields(selection)
        add(HTTP2Fields.streams, streams, to: &fields)
        add(HTTP2Fields.pings, pings, to: &fields)
        add(HTTP2Fields.windowUpdates, windowUpdates, to: &fields)
        add(HTTP2Fields.resets, resets, to: &fields)
        add(HTTP2Fields.unknownFrames, unknown, to: &fields)
        let title = "an HTTP/2 connection of \(streams) stream\(streams == 1 ? "" : "s")"
        return TimelineEvent(sequence: 0, start: time, kind: "http2.connection", title: title, fields: fields.all)
    }

    private func add(_ name: EventSelection.Name, _ count: UInt64, to fields: inout SelectedFields) {
        if count > 0 { fields.add(name, .integer(Int64(clamping: count))) }
    }

    // MARK: Snapshot

    var snapshot: JSON { .array([streams, pings, windowUpdates, resets, unknown].map(JSON.unsigned)) }

    init?(_ snapshot: JSON) {
        guard let counts = snapshot.array?.compactMap(\.unsigned), counts.count == 5 else { return nil }
        (streams, pings, windowUpdates, resets, unknown) = (counts[0], counts[1], counts[2], counts[3], counts[4])
    }
}
