import Protocols

/// Chosen facts of what a capture held: one event per line, tabs between them, for `cut`, `awk` and `sort`.
struct FieldsDecode: DecodeRenderer {
    let groupsFlows = false
    let columns: [EventColumn]

    func heading(_ path: String, into output: inout [UInt8]) {}

    func flow(_ facts: FlowFacts, into output: inout [UInt8]) {}

    func event(_ event: TimelineEvent, _ packets: EventPackets, of flow: FlowFacts, into output: inout [UInt8]) {
        let columns = columns.span
        for index in columns.indices {
            if index > 0 { output.append(UInt8(ascii: "\t")) }
            columns[index].write(event, packets, of: flow, into: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }

    func end(_ end: FlowEnding, of flow: FlowFacts, into output: inout [UInt8]) {}

    func ending(_ counts: CaptureCounts, _ failure: CaptureFailure?, into output: inout [UInt8]) {}
}

/// A fact of an event that may be chosen: a member of its JSON line, or one of its fields.
public enum EventColumn: Sendable, Hashable {
    case member(Member)
    case field(String)

    public enum Member: String, Sendable, CaseIterable {
        case flow, `protocol`, client, server
        case event, kind, title, start, startNs, durationNs, stream, request, response, requestPackets, responsePackets
        /// The status alone; the other two are what it comes with.
        case outcome, code, message
    }

    /// - Parameter name: a member's, else a field's.
    public init(_ name: String) { self = Member(rawValue: name).map(Self.member) ?? .field(name) }

    var fieldName: String? {
        guard case .field(let name) = self else { return nil }
        return name
    }

    func write(
        _ event: TimelineEvent, _ packets: EventPackets, of flow: FlowFacts, into output: inout [UInt8]
    ) {
        switch self {
        case .member(let member): Self.write(member, event, packets, flow, into: &output)
        case .field(let name):
            let fields = event.fields.span
            let length = name.utf8.count
            var index = fields.count - 1
            // Lengths tell most names apart, and cost less than a look at the text.
            while index >= 0, fields[index].name.utf8.count != length || fields[index].name != name { index -= 1 }
            if index >= 0 { Self.write(fields[index].value, into: &output) }
        }
    }

    private static func write(
        _ member: Member, _ event: TimelineEvent, _ packets: EventPackets, _ flow: FlowFacts,
        into output: inout [UInt8]
    ) {
        switch member {
        case .flow: output.append(decimal: flow.number)
        case .protocol: write(flow.speech, into: &output)
        case .client: write(flow.client.description, into: &output)
        case .server: write(flow.server.description, into: &output)
        case .event: output.append(decimal: event.sequence)
        case .kind: write(event.kind, into: &output)
        case .title: write(event.title, into: &output)
        case .start: UTCDate(wallNanoseconds: event.start.wallNanoseconds).appendExtended8601(to: &output)
        case .startNs: write(event.start.wallNanoseconds, into: &output)
        case .durationNs: if let duration = event.durationNanoseconds { output.append(decimal: duration) }
        case .stream: output.append(decimal: event.stream)
        case .request: write(event.request.map { ($0.lowerBound, $0.upperBound) }, into: &output)
        case .response: write(event.response.map { ($0.lowerBound, $0.upperBound) }, into: &output)
        case .requestPackets: write(packets.request.map { ($0.lowerBound, $0.upperBound) }, into: &output)
        case .responsePackets: write(packets.response.map { ($0.lowerBound, $0.upperBound) }, into: &output)
        case .outcome: write(event.outcome.status, into: &output)
        case .code: if case .failed(let code, _) = event.outcome { write(code, into: &output) }
        case .message:
            switch event.outcome {
            case .failed(_, let message), .refused(let message): write(message, into: &output)
            case .succeeded, .cancelled, .unfinished, .none: break
            }
        }
    }

    private static func write(_ value: TimelineEvent.Value, into output: inout [UInt8]) {
        switch value {
        case .text(let text): write(text, into: &output)
        case .null: break
        case .integer(let number): write(number, into: &output)
        case .boolean, .byteCount, .nanoseconds, .list, .table:
            JSONWriter.write(into: &output) { $0.value(value) }
        }
    }

    private static func write(_ number: Int64, into output: inout [UInt8]) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        output.append(decimal: number.magnitude)
    }

    private static func write(_ range: (from: UInt64, to: UInt64)?, into output: inout [UInt8]) {
        guard let range else { return }
        output.append(decimal: range.from)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: range.to)
    }

    private static func write(_ text: String, into output: inout [UInt8]) {
        DisplayText.appendLine(text, to: &output)
    }
}
