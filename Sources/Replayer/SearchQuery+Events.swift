import Protocols
import Recorder

extension SearchQuery {
    func search(_ path: String, write: (Span<UInt8>) -> Bool) throws(StoreFault) -> UInt64 {
        let pattern = TextPattern(text, matchesCase: matchesCase)
        var source = try TimelineSource(path, limits: limits)
        let heading = try source.heading()
        if let from { try source.seek(toWall: from) }
        let finds = FindRenderer(format, heading, path: path)
        var found: UInt64 = 0
        var output: [UInt8] = []
        try source.forEachEvent(follows: false) { event in
            guard to.map({ event.start.wallNanoseconds < $0 }) ?? true else { return false }
            if let from, (event.end ?? event.start).wallNanoseconds < from { return true }
            let places = pattern.places(in: event)
            guard !places.isEmpty else { return true }
            found += 1
            output.removeAll(keepingCapacity: true)
            finds.event(event, places, into: &output)
            return write(output.span)
        }
        return found
    }
}
