import Protocols

/// What a capture held as JSON lines, version 1; docs/captures.md has the schema.
struct JSONDecode: DecodeRenderer {
    static let version: Int64 = 1

    let groupsFlows = false

    func heading(_ path: String, into output: inout [UInt8]) {
        line(into: &output) { json in
            json.member("file") { $0.string(path) }
            json.member("type") { $0.string("capture") }
        }
    }

    func flow(_ facts: FlowFacts, into output: inout [UInt8]) {
        line(into: &output) { json in
            json.member("begun") { $0.time(facts.begunWallNanoseconds) }
            json.member("client") { $0.string(facts.client.description) }
            if let expected = facts.expected { json.member("expected") { $0.string(expected) } }
            json.member("flow") { $0.unsigned(facts.number) }
            json.member("packet") { $0.unsigned(facts.firstPacket) }
            json.member("protocol") { $0.string(facts.speech) }
            json.member("server") { $0.string(facts.server.description) }
            json.member("type") { $0.string("flow") }
        }
    }

    func event(_ event: TimelineEvent, _ packets: EventPackets, of flow: FlowFacts, into output: inout [UInt8]) {
        JSONEventLine(
            event: event, flow: flow.number, requestPackets: packets.request, responsePackets: packets.response
        ).write(into: &output)
    }

    func end(_ end: FlowEnding, of flow: FlowFacts, into output: inout [UInt8]) {
        line(into: &output) { json in
            json.member("clientBytes") { $0.unsigned(end.clientBytes) }
            json.member("ended") { $0.time(end.endedWallNanoseconds) }
            json.member("ending") { $0.string(end.ending) }
            json.member("flow") { $0.unsigned(end.number) }
            json.member("packets") { $0.unsigned(end.packets) }
            json.member("serverBytes") { $0.unsigned(end.serverBytes) }
            json.member("type") { $0.string("flowEnd") }
        }
    }

    func ending(_ counts: CaptureCounts, _ failure: CaptureFailure?, into output: inout [UInt8]) {
        line(into: &output) { json in
            if counts.fragments > 0 {
                json.member("assembled") { $0.unsigned(counts.assembled) }
                json.member("contradictions") { $0.unsigned(counts.contradictions) }
            }
            if let failure { json.member("failure") { $0.string(failure.reason) } }
            json.member("flows") { $0.unsigned(counts.flows) }
            json.member("fragments") { $0.unsigned(counts.fragments) }
            if counts.fragments > 0 { json.member("fragmentsLeft") { $0.unsigned(counts.fragmentsLeft) } }
            json.member("otherIP") { $0.unsigned(counts.otherIP) }
            json.member("packets") { $0.unsigned(counts.packets) }
            json.member("tcp") { $0.unsigned(counts.tcp) }
            json.member("type") { $0.string("end") }
            json.member("unreadable") { $0.unsigned(counts.unreadable) }
        }
    }

    /// - Parameter members: all but `v`, in the order of their names.
    private func line(into output: inout [UInt8], _ members: (inout JSONWriter) -> Void) {
        JSONWriter.write(into: &output) { json in
            json.object {
                members(&$0)
                $0.member("v") { $0.integer(Self.version) }
            }
            json.newLine()
        }
    }
}
