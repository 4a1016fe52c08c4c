import Protocols

/// An event as a JSON line, whichever command tells it; docs/timeline.md and docs/captures.md have the schemas.
struct JSONEventLine {
    /// Where a search found something.
    struct Find {
        var recording: String
        var session: UInt64?
        var path: String
        var places: [String]
    }

    var event: TimelineEvent
    var type = "event"
    /// Of a capture.
    var flow: UInt64?
    var requestPackets: ClosedRange<UInt64>?
    var responsePackets: ClosedRange<UInt64>?
    var find: Find?

    func write(into output: inout [UInt8]) {
        JSONWriter.write(into: &output) { json in
            json.object(members)
            json.newLine()
        }
    }

    /// In the order of their names.
    private func members(_ json: inout JSONWriter) {
        if let duration = event.durationNanoseconds { json.member("durationNs") { $0.unsigned(duration) } }
        json.member("event") { $0.unsigned(event.sequence) }
        if !event.fields.isEmpty { json.member("fields") { $0.object(fields) } }
        if let flow { json.member("flow") { $0.unsigned(flow) } }
        if let find { json.member("found") { $0.strings(find.places) } }
        json.member("kind") { $0.string(event.kind) }
        json.member("outcome") { $0.outcome(event.outcome) }
        if let find {
            json.member("path") { $0.string(find.path) }
            json.member("recording") { $0.string(find.recording) }
        }
        if let range = event.request { json.member("request") { $0.range(range.lowerBound, range.upperBound) } }
        if let range = requestPackets { json.member("requestPackets") { $0.range(range.lowerBound, range.upperBound) } }
        if let range = event.response { json.member("response") { $0.range(range.lowerBound, range.upperBound) } }
        if let range = responsePackets {
            json.member("responsePackets") { $0.range(range.lowerBound, range.upperBound) }
        }
        if let session = find?.session { json.member("session") { $0.unsigned(session) } }
        json.member("start") { $0.time(event.start.wallNanoseconds) }
        json.member("startNs") { $0.integer(event.start.wallNanoseconds) }
        if event.stream != 0 { json.member("stream") { $0.unsigned(UInt64(event.stream)) } }
        json.member("title") { $0.string(event.title) }
        json.member("type") { $0.string(type) }
        json.member("v") { $0.integer(JSONTimeline.version) }
    }

    /// In the order of their names; of equal names the last one counts.
    private func fields(_ json: inout JSONWriter) {
        let fields = event.fields
        let order = fields.indices.sorted { left, right in
            let names = (fields[left].name.utf8, fields[right].name.utf8)
            return names.0.lexicographicallyPrecedes(names.1) || (left < right && names.0.elementsEqual(names.1))
        }
        for (place, index) in order.enumerated() {
            let field = fields[index]
            if place + 1 < order.count, fields[order[place + 1]].name == field.name { continue }
            json.member(field.name) { $0.value(field.value) }
        }
    }
}
