import Protocols
import Recorder

/// A page's data: JSON in script elements that no browser runs.
enum PageData {
    /// A script element with one JSON value. `attributes` are ours, and need no escaping.
    static func element(_ attributes: String, _ value: JSON, into output: inout [UInt8]) {
        output.append(contentsOf: "<script type=\"application/json\" \(attributes)>".utf8)
        append(value, into: &output)
        output.append(contentsOf: "</script>\n".utf8)
    }

    /// JSON in which `<` stands as an escape: it occurs in strings alone, and nothing in them can end the element, or begin
    /// a comment (HTML §13.2.5.4).
    static func append(_ value: JSON, into output: inout [UInt8]) {
        for byte in value.encoded() {
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

    static func event(_ event: TimelineEvent) -> JSON {
        var members: [String: JSON] = [
            "number": .unsigned(event.sequence), "kind": .string(event.kind), "title": .string(event.title),
            "at": microseconds(event.start.wallNanoseconds), "outcome": outcome(event.outcome),
            // An array, for fields have an order.
            "fields": .array(event.fields.map { .array([.string($0.name), value($0.value)]) }),
        ]
        if let end = event.end {
            let (from, to) = (event.start.monotonicNanoseconds, end.monotonicNanoseconds)
            members["took"] = number(to - min(from, to))
        }
        if event.stream != 0 { members["stream"] = number(event.stream) }
        members["request"] = event.request.map(range)
        members["response"] = event.response.map(range)
        return .object(members)
    }

    private static func outcome(_ outcome: TimelineEvent.Outcome) -> JSON {
        switch outcome {
        case .succeeded: .object(["status": "succeeded"])
        case .failed(let code, let message):
            .object(["status": "failed", "code": .string(code), "message": .string(message)])
        case .refused(let rule): .object(["status": "refused", "rule": .string(rule)])
        case .cancelled: .object(["status": "cancelled"])
        case .unfinished: .object(["status": "unfinished"])
        case .none: .object(["status": "none"])
        }
    }

    private static func value(_ value: TimelineEvent.Value) -> JSON {
        switch value {
        case .text(let text): .string(text)
        case .integer(let integer): number(integer)
        case .boolean(let flag): .bool(flag)
        case .byteCount(let count): .object(["bytes": number(count)])
        case .nanoseconds(let count): .object(["nanoseconds": number(count)])
        case .list(let values): .object(["list": .array(values.map(Self.value))])
        case .null: .null
        case .table(let columns, let rows, let total):
            .object([
                "columns": .array(columns.map(JSON.string)), "rows": .array(rows.map { .array($0.map(Self.value)) }),
                "total": number(total),
            ])
        }
    }

    private static func range(_ range: Range<UInt64>) -> JSON {
        .array([number(range.lowerBound), number(range.upperBound)])
    }

    private static func microseconds(_ nanoseconds: Int64) -> JSON { .integer(nanoseconds / 1000) }

    /// A script's numbers are exact up to 2⁵³ (ECMA-262 §21.1.2.6); those above are told as text.
    private static func number(_ value: some BinaryInteger) -> JSON {
        value.magnitude <= 1 << 53 ? .integer(Int64(value)) : .string(String(value))
    }
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
