/// A request under way, from the question to its answer.
struct MCPCall: Sendable {
    private static let progressShown = 100

    let key: MCPCallKey
    let ticket: EventQueue.Ticket
    let method: String
    /// The tool that it calls, or whose task it asks about.
    let tool: String?
    let progressToken: JSONRPCID?
    /// It asks for a later page of a list.
    let asksForPage: Bool
    let place: MCPPlace
    let isMCP: Bool
    private let title: String
    private var fields: [TimelineEvent.Field]
    private var progress: [TimelineEvent.Value] = []
    private var progressCount: Int64 = 0
    /// Why the asker takes it back.
    var cancellation: String?
    /// The rule that refuses it.
    var refusal: String?

    init(_ key: MCPCallKey, _ call: JSONRPCCall, _ text: MCPCallText, _ ticket: EventQueue.Ticket, _ place: MCPPlace) {
        self.key = key
        self.ticket = ticket
        self.place = place
        method = MCPText.bounded(call.method, limit: 200)
        isMCP = place.isMCP || MCPMethod.isMCP(call.method)
        title = text.title
        tool = text.tool
        fields = text.fields
        let meta = call.parameters?["_meta"]
        progressToken = meta?["progressToken"].flatMap { JSONRPCID($0) }
        asksForPage = call.parameters?["cursor"] != nil
        if key.direction == .serverToClient { fields.append(.init("asker", .text("server"))) }
        if let client = MCPText.implementation(meta?["io.modelcontextprotocol/clientInfo"]) {
            fields.append(.init("client", .text(client)))
        }
    }

    /// `notifications/progress` (MCP, Basic Utilities).
    mutating func report(_ parameters: JSON?, at time: Timestamp) {
        progressCount += 1
        guard progress.count < Self.progressShown else { return }
        let elapsed = (max(time, place.start).monotonicNanoseconds - place.start.monotonicNanoseconds) / 1_000_000
        var text = "+\(elapsed) ms: \(parameters?["progress"]?.text ?? "?")"
        if let total = parameters?["total"], total != .null { text += " of \(total.text)" }
        if let message = parameters?["message"]?.string { text += ", \(message)" }
        progress.append(.text(MCPText.bounded(text, limit: 500)))
    }

    /// The event of the call as it ended.
    func event(_ end: MCPEnding, at time: Timestamp) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: place.start, end: time, stream: place.connection, kind: kind, title: end.title ?? title,
            outcome: outcome(end),
            fields: fields + end.fields)
        event.setRange(place.range, place.direction)
        if let answer = end.place { event.setRange(answer.range, answer.direction) }
        if progressCount > 0 { event.add("progress", .list(progress)) }
        if progressCount > progress.count { event.add("progressCount", .integer(progressCount)) }
        if let cancellation, !cancellation.isEmpty { event.add("cancellation", .text(cancellation)) }
        event.add("id", .text(MCPText.bounded(key.id.description, limit: 200)))
        if case .session(let session) = key.scope {
            event.add("session", .text(MCPText.bounded(session, limit: 200)))
        }
        event.fields += place.fields
        if let answer = end.place { event.fields += answer.fields }
        if let answer = end.place, answer.connection != place.connection {
            event.add("answeredOn", .integer(Int64(answer.connection)))
        }
        return event
    }

    private var kind: String { (isMCP ? "mcp." : "jsonrpc.") + (isMCP ? method : "call") }

    private func outcome(_ end: MCPEnding) -> TimelineEvent.Outcome {
        if let refusal { return .refused(rule: refusal) }
        if cancellation != nil, end.outcome != .succeeded { return .cancelled }
        return end.outcome
    }
}

/// How a call ended.
struct MCPEnding: Sendable {
    var outcome: TimelineEvent.Outcome
    /// In place of the call's own title.
    var title: String?
    var fields: [TimelineEvent.Field] = []
    /// Where the answer stands; `nil` when there is none.
    var place: MCPPlace?

    static var unfinished: MCPEnding { MCPEnding(outcome: .unfinished) }
}
