import Adapters
import Protocols
import Recorder

/// The events of what an export is made of, in order.
struct SessionEvents {
    private enum Source {
        case recording(TimelineSource)
        case session(SessionSource)
    }

    private var source: Source
    /// One for each recording.
    let headings: [TimelineHeading]

    init(_ session: RecordedSession, limits: WireLimits) throws(StoreFault) {
        guard let key = session.key else {
            let source = try TimelineSource(session.paths[0], limits: limits)
            headings = [try source.heading()]
            self.source = .recording(source)
            return
        }
        let source = try SessionSource(session.paths, key: key, limits: limits)
        headings = source.headings
        self.source = .session(source)
    }

    /// That of the recording that is furthest from being whole.
    var state: TimelineHeading.State { .least(of: headings) }

    /// `visit` returns false to stop.
    mutating func forEachEvent(_ visit: (TimelineEvent) -> Bool) throws(StoreFault) {
        switch source {
        case .recording(var recording): try recording.forEachEvent(follows: false, visit)
        case .session(var session): try session.forEachEvent(limits: WireLimits(), visit)
        }
    }
}

extension SessionSource {
    /// Reads the recordings as one story. `visit` returns false to stop.
    mutating func forEachEvent(limits: WireLimits, _ visit: (TimelineEvent) -> Bool) throws(StoreFault) {
        var reader = SessionReader<TimelineAdapters>(limits: limits)
        var wantsMore = true
        func tell(_ events: [TimelineEvent]) -> Bool {
            for event in events where wantsMore { wantsMore = visit(event) }
            return wantsMore
        }
        try forEachRecord { header, payload, connection in
            reader.record(header, payload, connection: connection)
            return tell(reader.drain())
        } ended: { connection, damage in
            if let damage { reader.damaged(damage, connection: connection) }
            reader.finish(connection: connection)
            return tell(reader.drain())
        }
        // Of a session that goes on, what is open is under way.
        guard wantsMore, TimelineHeading.State.least(of: headings) != .live else { return }
        reader.finish()
        _ = tell(reader.drain())
    }
}

extension TimelineHeading.State {
    /// That of the recording that is furthest from being whole.
    static func least(of headings: [TimelineHeading]) -> TimelineHeading.State {
        let states = Set(headings.map(\.state))
        for state in [TimelineHeading.State.live, .incomplete, .interrupted] where states.contains(state) {
            return state
        }
        return .closed
    }
}
