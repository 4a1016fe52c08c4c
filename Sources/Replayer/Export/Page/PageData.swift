import Protocols
import Recorder

/// A page's data: JSON in script elements that no browser runs.
enum PageData {
    /// A script element with one JSON value. `attributes` are ours, and need no escaping.
    static func element(_ attributes: String, _ value: JSON, into output: inout [UInt8]) {
        output.append(contentsOf: "<script type=\"application/json\" \(attributes)>".utf8)
        append(into: &output) { $0.value(value) }
        output.append(contentsOf: "</script>\n".utf8)
    }

    /// JSON in which `<` stands as an escape: it occurs in strings alone, and nothing in them can end the element, or begin
    /// a comment (HTML §13.2.5.4).
    private static func append(into output: inout [UInt8], _ value: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        value(&json)
        for byte in json.bytes {
            if byte == UInt8(ascii: "<") {
                output.append(contentsOf: "\\u003c".utf8)
            } else {
                output.append(byte)
            }
        }
    }

    /// - Parameter headings: of the session's recordings, in the order in which they began.
    static func heading(_ headings: [TimelineHeading], _ seal: PageSeal, previous: String?) -> JSON {
        let heading = headings[0]
        var members: [String: JSON] = [
            "verification": .object([
                "result": .string(seal.result.rawValue), "title": .string(seal.title), "text": .string(seal.text),
            ]),
            "facts": .array(facts(heading) + connections(headings)),
        ]
        members["target"] = (heading.start?.target).map(JSON.string)
        members["who"] = heading.identity.map { .object(["subject": .string($0.subject)]) }
        members["begun"] = heading.begun.map { microseconds($0.wallNanoseconds) }
        let ends = headings.map(\.endedWallNanoseconds)
        members["ended"] = ends.contains(nil) ? nil : ends.compactMap(\.self).max().map(microseconds)
        members["previous"] = previous.map(JSON.string)
        return .object(members)
    }

    static func append(_ event: TimelineEvent, into output: inout [UInt8]) {
        append(into: &output) { $0.object { members(of: event, &$0) } }
    }

    /// In the order of their names.
    private static func members(of event: TimelineEvent, _ json: inout JSONWriter) {
        json.member("at") { $0.integer(event.start.wallNanoseconds / 1000) }
        // An array, for fields have an order.
        json.member("fields") { json in
            json.array {
                for field in event.fields {
                    $0.array {
                        $0.string(field.name)
                        write(field.value, &$0)
                    }
                }
            }
        }
        json.member("kind") { $0.string(event.kind) }
        json.member("number") { $0.unsigned(event.sequence) }
        json.member("outcome") { $0.outcome(event.outcome) }
        if let range = event.request { json.member("request") { write(range, &$0) } }
        if let range = event.response { json.member("response") { write(range, &$0) } }
        if event.stream != 0 { json.member("stream") { write(event.stream, &$0) } }
        json.member("title") { $0.string(event.title) }
        if let duration = event.durationNanoseconds { json.member("took") { write(duration, &$0) } }
    }

    /// Unlike in JSON lines, a reader learns what a number counts.
    private static func write(_ value: TimelineEvent.Value, _ json: inout JSONWriter) {
        switch value {
        case .text(let text): json.string(text)
        case .integer(let integer): write(integer, &json)
        case .boolean(let flag): json.boolean(flag)
        case .byteCount(let count): json.object { $0.member("bytes") { write(count, &$0) } }
        case .nanoseconds(let count): json.object { $0.member("nanoseconds") { write(count, &$0) } }
        case .list(let values): json.object { $0.member("list") { write(values, &$0) } }
        case .null: json.null()
        case .table(let columns, let rows, let total):
            json.object { json in
                json.member("columns") { $0.strings(columns) }
                json.member("rows") { $0.rows(rows) }
                json.member("total") { write(total, &$0) }
            }
        }
    }

    private static func write(_ values: [TimelineEvent.Value], _ json: inout JSONWriter) {
        json.array { for value in values { write(value, &$0) } }
    }

    private static func write(_ range: Range<UInt64>, _ json: inout JSONWriter) {
        json.array {
            write(range.lowerBound, &$0)
            write(range.upperBound, &$0)
        }
    }

    /// A script's numbers are exact up to 2⁵³ (ECMA-262 §21.1.2.6); those above are told as text.
    private static func write(_ number: some BinaryInteger, _ json: inout JSONWriter) {
        if number.magnitude <= 1 << 53 { json.integer(Int64(number)) } else { json.string(String(number)) }
    }

    private static func microseconds(_ nanoseconds: Int64) -> JSON { .integer(nanoseconds / 1000) }
}

// MARK: - Facts

extension PageData {
    /// Title, text, and perhaps a detail below it.
    private static func facts(_ heading: TimelineHeading) -> [JSON] {
        var facts: [JSON] = []
        func fact(_ title: String, _ text: String, _ detail: String = "") {
            facts.append(.array([.string(title), .string(text), .string(detail)]))
        }
        if let identity = heading.identity {
            let details = identity.facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            let groups = identity.groups.isEmpty ? [] : ["in \(identity.groups.joined(separator: ", "))"]
            let proof = ["proven by \(identity.method)"] + groups + details
            fact("Who", identity.subject, proof.joined(separator: " · "))
        } else {
            fact("Who", "nobody logged in")
        }
        if let begun = heading.begun {
            let ended = heading.endedWallNanoseconds.map { "to \(moment($0))" }
            fact("When", moment(begun.wallNanoseconds), ended ?? state(heading.state))
        }
        if let start = heading.start {
            fact("To", start.target, start.protocolID.rawValue)
            fact("From", start.client, "to \(start.listener)")
            fact("On the way", start.tls ?? "not encrypted (no TLS)")
            fact("Session", "\(start.sessionNumber), \(state(heading.state))", "kept by \(start.software)")
        }
        fact("Recording", heading.recording.description)
        return facts
    }

    /// The connections that shared the session; none for a recording that is read for itself.
    private static func connections(_ headings: [TimelineHeading]) -> [JSON] {
        headings.compactMap { heading in
            heading.place.map { place in
                let from = heading.start.map { "session \($0.sessionNumber) from \($0.client)" } ?? ""
                return .array([
                    .string("Connection \(place.number) of \(place.count)"), .string(heading.recording.description),
                    .string("\(from), \(state(heading.state))"),
                ])
            }
        }
    }

    /// "2026-11-21 04:16:34.123456 UTC".
    private static func moment(_ nanoseconds: Int64) -> String {
        let date = UTCDate(wallNanoseconds: nanoseconds)
        return "\(date.day8601) \(date.time8601) UTC"
    }

    private static func state(_ state: TimelineHeading.State) -> String {
        switch state {
        case .closed: "closed"
        case .interrupted: "interrupted"
        case .live: "going on"
        case .incomplete: "incomplete"
        }
    }
}
