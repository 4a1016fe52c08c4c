public import Protocols

/// What must hold for every protocol's timeline, whatever is fed.
public enum TimelineProperties {
    /// The events of a conversation; each turn arrives a microsecond after the one before.
    public static func events<Builder: TimelineBuilder>(
        _ builder: Builder.Type, _ turns: [WireTurn], _ chunking: Chunking = .whole, resuming: Bool = false
    ) -> [TimelineEvent] {
        let limits = WireLimits()
        var timeline: any TimelineBuilder = Builder(limits: limits)
        var offsets = StreamOffsets()
        var events: [TimelineEvent] = []
        for (index, turn) in turns.enumerated() {
            let time = time(index)
            switch turn {
            case .gap(let length, let direction):
                timeline.gap(length, direction, stream: 0, at: time)
                offsets[direction] += length
            case .bytes(let bytes, let direction):
                for piece in chunking.pieces(of: bytes.count) {
                    timeline.data(bytes.span.extracting(piece), direction, stream: 0, at: time)
                    offsets[direction] += UInt64(piece.count)
                }
            }
            events += timeline.drain()
            if resuming, let snapshot = timeline.snapshot(),
                let resumed = Builder(snapshot: snapshot.span, offsets: offsets, limits: limits)
            {
                timeline = resumed
            }
        }
        timeline.finish(at: time(turns.count))
        events += timeline.drain()
        // A timeline that goes on counts its events from 1 again.
        for index in events.indices { events[index].sequence = UInt64(index + 1) }
        return events
    }

    /// A sentence on what does not hold, or `nil`: the events do not depend on how the bytes were cut, nor on whether the
    /// timeline was put aside and taken up again wherever that is possible.
    public static func violation<Builder: TimelineBuilder>(_ builder: Builder.Type, _ turns: [WireTurn]) -> String? {
        let whole = events(builder, turns)
        let dripped = events(builder, turns, .byteByByte)
        guard whole == dripped else { return "timelines differ, whole and dripped:\n\(whole)\n\(dripped)" }
        let resumed = events(builder, turns, resuming: true)
        guard whole == resumed else { return "timelines differ, straight and resumed:\n\(whole)\n\(resumed)" }
        return nil
    }

    private static func time(_ index: Int) -> Timestamp {
        Timestamp(monotonicNanoseconds: UInt64(index) * 1000, wallNanoseconds: Int64(index) * 1000)
    }
}
