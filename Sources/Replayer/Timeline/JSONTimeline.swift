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
        JSONEventLine(event: event).write(into: &output)
    }

    public func ending(_ state: TimelineHeading.State, eventCount: UInt64, into output: inout [UInt8]) {
        Self.line(
            ["type": "end", "state": .string(state.rawValue), "events": .unsigned(eventCount)], into: &output)
    }

    private static func line(_ members: [String: JSON], into output: inout [UInt8]) {
        var members = members
        members["v"] = .integer(version)
        JSON.object(members).write(into: &output)
        output.append(UInt8(ascii: "\n"))
    }

    private static func time(_ wallNanoseconds: Int64) -> JSON {
        .string(UTCDate(wallNanoseconds: wallNanoseconds).extended8601)
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
