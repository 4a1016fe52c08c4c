import Adapters
public import Protocols
public import Recorder

/// Prints the timeline of a session that several connections shared, as one story: `wiretrail timeline SESSION`.
public struct SessionQuery: Sendable {
    public var paths: [String]
    /// The key that the recordings share.
    public var key: String
    public var format: TimelineFormat
    /// Nanoseconds since 1970: only events that end then or later.
    public var from: Int64?
    /// Nanoseconds since 1970: only events that begin before.
    public var to: Int64?
    public var limits = WireLimits()

    public init(_ paths: [String], key: String, format: TimelineFormat) {
        self.paths = paths
        self.key = key
        self.format = format
    }

    /// Writes a heading for each recording, the events of all, and an ending. `write` gets some whole lines at a time; it returns
    /// false to stop.
    public func run(write: (Span<UInt8>) -> Bool) throws(StoreFault) {
        let renderer = format.renderer
        var source = try SessionSource(paths, key: key, limits: limits)
        var reader = SessionReader<TimelineAdapters>(limits: limits)
        var output: [UInt8] = []
        for heading in source.headings { renderer.heading(heading, into: &output) }
        guard write(output.span) else { return }
        var shown: UInt64 = 0
        func tell(_ events: [TimelineEvent]) -> Bool {
            output.removeAll(keepingCapacity: true)
            for event in events {
                guard to.map({ event.start.wallNanoseconds < $0 }) ?? true else { continue }
                if let from, (event.end ?? event.start).wallNanoseconds < from { continue }
                shown += 1
                renderer.event(event, into: &output)
            }
            return output.isEmpty || write(output.span)
        }
        var wantsMore = true
        try source.forEachRecord { header, payload, connection in
            reader.record(header, payload, connection: connection)
            wantsMore = tell(reader.drain())
            return wantsMore
        } ended: { connection, damage in
            if let damage { reader.damaged(damage, connection: connection) }
            reader.finish(connection: connection)
            wantsMore = tell(reader.drain())
            return wantsMore
        }
        guard wantsMore else { return }
        let state = Self.state(source.headings)
        // Of a session that goes on, what is open is under way.
        if state != .live { reader.finish() }
        guard tell(reader.drain()) else { return }
        output.removeAll(keepingCapacity: true)
        renderer.ending(state, eventCount: shown, into: &output)
        _ = write(output.span)
    }

    /// That of the recording that is furthest from being whole.
    private static func state(_ headings: [TimelineHeading]) -> TimelineHeading.State {
        let states = Set(headings.map(\.state))
        for state in [TimelineHeading.State.live, .incomplete, .interrupted] where states.contains(state) {
            return state
        }
        return .closed
    }
}
