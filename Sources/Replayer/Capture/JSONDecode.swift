import Protocols

/// What a capture held as JSON lines, version 1; docs/captures.md has the schema.
struct JSONDecode: DecodeRenderer {
    static let version: Int64 = 1

    let groupsFlows = false

    func heading(_ path: String, into output: inout [UInt8]) {
        line(["type": "capture", "file": .string(path)], into: &output)
    }

    func flow(_ facts: FlowFacts, into output: inout [UInt8]) {
        var members: [String: JSON] = [
            "type": "flow", "flow": .unsigned(facts.number), "protocol": .string(facts.speech),
            "client": .string(facts.client), "server": .string(facts.server), "packet": .unsigned(facts.firstPacket),
            "begun": JSONTimeline.time(facts.begunWallNanoseconds),
        ]
        members["expected"] = facts.expected.map(JSON.string)
        line(members, into: &output)
    }

    func event(_ event: FlowEvent, of flow: FlowFacts, into output: inout [UInt8]) {
        var members = JSONTimeline.members(of: event.event)
        members["type"] = "event"
        members["flow"] = .unsigned(flow.number)
        members["requestPackets"] = event.requestPackets.map(packets)
        members["responsePackets"] = event.responsePackets.map(packets)
        line(members, into: &output)
    }

    func end(_ end: FlowEnding, of flow: FlowFacts, into output: inout [UInt8]) {
        line(
            [
                "type": "flowEnd", "flow": .unsigned(end.number), "ending": .string(end.ending),
                "packets": .unsigned(end.packets), "clientBytes": .unsigned(end.clientBytes),
                "serverBytes": .unsigned(end.serverBytes), "ended": JSONTimeline.time(end.endedWallNanoseconds),
            ], into: &output)
    }

    func ending(_ counts: CaptureCounts, _ failure: CaptureFailure?, into output: inout [UInt8]) {
        var members: [String: JSON] = [
            "type": "end", "packets": .unsigned(counts.packets), "tcp": .unsigned(counts.tcp),
            "otherIP": .unsigned(counts.otherIP), "fragments": .unsigned(counts.fragments),
            "unreadable": .unsigned(counts.unreadable), "flows": .unsigned(counts.flows),
        ]
        members["failure"] = failure.map { .string($0.reason) }
        line(members, into: &output)
    }

    private func packets(_ range: ClosedRange<UInt64>) -> JSON {
        .array([.unsigned(range.lowerBound), .unsigned(range.upperBound)])
    }

    private func line(_ members: [String: JSON], into output: inout [UInt8]) {
        var members = members
        members["v"] = .integer(Self.version)
        JSON.object(members).write(into: &output)
        output.append(UInt8(ascii: "\n"))
    }
}
