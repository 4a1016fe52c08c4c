import Protocols
import Recorder

extension SearchQuery {
    /// Searches one file; says how much was found.
    func search(_ path: String, write: (Span<UInt8>) -> Bool) throws(StoreFault) -> UInt64 {
        let pattern = TextPattern(text, matchesCase: matchesCase)
        guard pattern.count > 0 else { return 0 }
        var source = try TimelineSource(path, limits: limits)
        let finds = FindRenderer(format, try source.heading(), path: path)
        var streams = searchesStreams ? StreamSearch(pattern) : nil
        if let from {
            let offsets = try source.seek(toWall: from)
            streams?.skip(to: offsets)
        }
        var found: UInt64 = 0
        var output: [UInt8] = []
        func tell(_ event: TimelineEvent, _ places: [String]) -> Bool {
            found += 1
            output.removeAll(keepingCapacity: true)
            finds.event(event, places, into: &output)
            return write(output.span)
        }
        try source.forEachEvent(follows: false, tap: { streams?.record($0, $1) }) { event in
            guard to.map({ event.start.wallNanoseconds < $0 }) ?? true else { return false }
            if let from, (event.end ?? event.start).wallNanoseconds < from { return true }
            let places = pattern.places(in: event) + (streams?.places(in: event) ?? [])
            guard !places.isEmpty else { return true }
            return tell(event, places)
        }
        for event in streams?.leftOver() ?? [] where !tell(event, []) { break }
        return found
    }
}
