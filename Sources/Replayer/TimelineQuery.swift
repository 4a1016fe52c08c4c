public import Protocols
public import Recorder

/// Prints the timeline of one recording: `wiretrail timeline`.
public struct TimelineQuery: Sendable {
    public var path: String
    public var format: TimelineFormat
    /// Nanoseconds since 1970: only events that end then or later.
    public var from: Int64?
    /// Nanoseconds since 1970: only events that begin before.
    public var to: Int64?
    /// Goes on while the gateway writes the recording. It cuts a live recording's segments every 10 s, so what happens is
    /// shown up to so much later.
    public var follows = false
    /// A folder of the reader's own, outside of the recordings: with it, ``from`` finds what came before in a sidecar, if
    /// ``TimelineIndex`` has made one.
    public var sidecars: String?
    public var limits = WireLimits()

    public init(_ path: String, format: TimelineFormat) {
        self.path = path
        self.format = format
    }

    /// Writes heading, events and ending. `write` gets some whole lines at a time; it returns false to stop.
    ///
    /// - Returns: how far the recording goes.
    @discardableResult
    public func run(write: (Span<UInt8>) -> Bool) throws(StoreFault) -> TimelineHeading.State {
        let renderer = format.renderer
        var source = try TimelineSource(path, limits: limits)
        var output: [UInt8] = []
        renderer.heading(try source.heading(), into: &output)
        if let from { try source.seek(toWall: from, sidecars: sidecars) }
        var shown: UInt64 = 0
        var wantsMore = write(output.span)
        try source.forEachEvent(follows: follows) { event in
            guard wantsMore, to.map({ event.start.wallNanoseconds < $0 }) ?? true else { return false }
            if let from, (event.end ?? event.start).wallNanoseconds < from { return true }
            shown += 1
            output.removeAll(keepingCapacity: true)
            renderer.event(event, into: &output)
            wantsMore = write(output.span)
            return wantsMore
        }
        guard wantsMore else { return source.state }
        output.removeAll(keepingCapacity: true)
        renderer.ending(source.state, eventCount: shown, into: &output)
        _ = write(output.span)
        return source.state
    }
}
