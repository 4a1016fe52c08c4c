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
        let state = TimelineHeading.State.least(of: source.headings)
        var output: [UInt8] = []
        for heading in source.headings { renderer.heading(heading, into: &output) }
        guard write(output.span) else { return }
        var shown: UInt64 = 0
        var wantsMore = true
        try source.forEachEvent(limits: limits) { event in
            guard to.map({ event.start.wallNanoseconds < $0 }) ?? true else { return true }
            if let from, (event.end ?? event.start).wallNanoseconds < from { return true }
            shown += 1
            output.removeAll(keepingCapacity: true)
            renderer.event(event, into: &output)
            wantsMore = write(output.span)
            return wantsMore
        }
        guard wantsMore else { return }
        output.removeAll(keepingCapacity: true)
        renderer.ending(state, eventCount: shown, into: &output)
        _ = write(output.span)
    }
}
