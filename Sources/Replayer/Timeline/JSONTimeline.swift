public import Protocols
import Recorder

/// A timeline as JSON lines, version 1; docs/timeline.md has the schema.
public struct JSONTimeline: TimelineRenderer {
    public static let version: Int64 = 1

    public init() {}

    public func heading(_ heading: TimelineHeading, into output: inout [UInt8]) {
        var members: [String: JSON] = [
            "type": "recording", "recording": .string(heading.recording.description),
            "state": .string(heading.state.rawValue),
        ]
        members["begun"] = heading.begun.map { Self.time($0.wallNanoseconds) }
        members["ended"] = heading.endedWallNanoseconds.map(Self.time)
        if let start = heading.start {
            members["protocol"] = .string(start.protocolID.rawValue)
            members["client"] = .string(start.client)
            members["listener"] = .string(start.listener)
            members["target"] = .string(start.target)
            members["software"] = .string(start.software)
            members["session"] = .unsigned(start.sessionNumber)
            members["tls"] = start.tls.map(JSON.string)
            members["imported"] = start.imported.map { source in
                .object([
                    "file": .string(source.file), "sha256": .string(Hex.encode(source.sha256)),
                    "flow": .unsigned(source.flow),
                ])
            }
        }
        members["identity"] = heading.identity.map(Self.identity)
        if let place = heading.place {
            members["sharedSession"] = .string(place.session)
            members["stream"] = .integer(Int64(place.number))
        }
        Self.line(members, into: &output)
    }

    public func event(_ event: TimelineEvent, into output: inout [UInt8]) {
        var members = Self.members(of: event)
        members["type"] = "event"
        Self.line(members, into: &output)
    }

    public func ending(_ state: TimelineHeading.State, eventCount: UInt64, into output: inout [UInt8]) {
        Self.line(
            ["type": "end", "state": .string(state.rawValue), "events": .unsigned(eventCount)], into: &output)
    }

    static func line(_ members: [String: JSON], into output: inout [UInt8]) {
        var members = members
        members["v"] = .integer(version)
        JSON.object(members).write(into: &output)
        output.append(UInt8(ascii: "\n"))
    }

    static func members(of event: TimelineEvent) -> [String: JSON] {
        var members: [String: JSON] = [
            "event": .unsigned(event.sequence), "kind": .string(event.kind), "title": .string(event.title),
            "start": time(event.start.wallNanoseconds), "startNs": .integer(event.start.wallNanoseconds),
            "outcome": outcome(event.outcome),
        ]
        if let end = event.end {
            members["durationNs"] = .unsigned(
                end.monotonicNanoseconds >= event.start.monotonicNanoseconds
                    ? end.monotonicNanoseconds - event.start.monotonicNanoseconds : 0)
        }
        if event.stream != 0 { members["stream"] = .integer(Int64(event.stream)) }
        members["request"] = event.request.map(range)
        members["response"] = event.response.map(range)
        var fields: [String: JSON] = [:]
        for field in event.fields { fields[field.name] = value(field.value) }
        if !fields.isEmpty { members["fields"] = .object(fields) }
        return members
    }

    static func time(_ wallNanoseconds: Int64) -> JSON {
        .string(UTCDate(wallNanoseconds: wallNanoseconds).extended8601)
    }

    private static func range(_ range: Range<UInt64>) -> JSON {
        .array([.unsigned(range.lowerBound), .unsigned(range.upperBound)])
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
        case .integer(let number): .integer(number)
        case .boolean(let flag): .bool(flag)
        case .byteCount(let count), .nanoseconds(let count): .unsigned(count)
        case .list(let values): .array(values.map(Self.value))
        case .null: .null
        case .table(let columns, let rows, let total):
            .object([
                "columns": .array(columns.map(JSON.string)),
                "rows": .array(rows.map { .array($0.map(Self.value)) }), "total": .unsigned(total),
            ])
        }
    }

    private static func identity(_ identity: Identity) -> JSON {
        var members: [String: JSON] = [
            "subject": .string(identity.subject), "method": .string(identity.method),
            "groups": .array(identity.groups.map(JSON.string)),
            "facts": .object(identity.facts.mapValues(JSON.string)),
        ]
        members["validUntil"] = identity.validUntil.map(time)
        return .object(members)
    }
}
