import Protocols

/// What a capture held, for people: flow by flow, each like a timeline.
struct TextDecode: DecodeRenderer {
    let groupsFlows = true

    private let timeline: TextTimeline

    init(colours: Bool, showsRows: Bool) { timeline = TextTimeline(colours: colours, showsRows: showsRows) }

    func heading(_ path: String, into output: inout [UInt8]) {}

    func flow(_ facts: FlowFacts, into output: inout [UInt8]) {
        var text = "Flow \(facts.number)  \(facts.client) to \(facts.server), \(facts.speech)"
        if let expected = facts.expected { text += " on a port for \(expected)" }
        let begun = UTCDate(wallNanoseconds: facts.begunWallNanoseconds).extended8601
        text += ", from packet \(facts.firstPacket) at \(begun)"
        timeline.strong(text, into: &output)
    }

    func event(_ event: TimelineEvent, _ packets: EventPackets, of flow: FlowFacts, into output: inout [UInt8]) {
        var shown = event
        let packets = [packets.request, packets.response].compactMap { $0.map(Self.text) }
        if !packets.isEmpty { shown.fields.append(.init("packets", .list(packets.map { .text($0) }))) }
        timeline.event(shown, into: &output)
    }

    func end(_ end: FlowEnding, of flow: FlowFacts, into output: inout [UInt8]) {
        let cause =
            switch end.ending {
            case "closed": "both ends closed it"
            case "reset": "an end reset it"
            default: "the capture does not show its end"
            }
        let sent = TextTimeline.bytes(end.clientBytes)
        let received = TextTimeline.bytes(end.serverBytes)
        timeline.faint("\(end.packets) packets, \(sent) sent, \(received) received; \(cause)", into: &output)
        output.append(UInt8(ascii: "\n"))
    }

    func ending(_ counts: CaptureCounts, _ failure: CaptureFailure?, into output: inout [UInt8]) {
        var parts = ["\(counts.packets) packets", "\(counts.flows) TCP flow\(counts.flows == 1 ? "" : "s")"]
        if counts.otherIP > 0 { parts.append("\(counts.otherIP) packets without TCP") }
        if counts.fragments > 0 { parts.append(Self.fragments(counts)) }
        if counts.unreadable > 0 { parts.append("\(counts.unreadable) unreadable packets") }
        if let failure { parts.append("the capture goes on, but \(failure)") }
        timeline.faint(parts.joined(separator: "; "), into: &output)
    }

    private static func fragments(_ counts: CaptureCounts) -> String {
        var text = "\(counts.fragments) fragments, \(counts.assembled) packets put together from them"
        if counts.fragmentsLeft > 0 { text += ", \(counts.fragmentsLeft) left over" }
        if counts.contradictions > 0 { text += ", \(counts.contradictions) packets given up for contradictions" }
        return text
    }

    private static func text(_ packets: ClosedRange<UInt64>) -> String {
        packets.count == 1 ? "\(packets.lowerBound)" : "\(packets.lowerBound)–\(packets.upperBound)"
    }
}
