/// Who asked what in JSON-RPC, and what came of it: over all connections that it is shown.
///
/// Answers find their calls by session, direction and id, for in MCP an answer may come on another connection than its
/// question. What is no MCP is told as plain JSON-RPC.
struct MCPConversation<Primitives: TimelinePrimitives>: Sendable {
    /// What is told of a session beyond a call.
    private static var sessionsMaximum: Int { 1000 }

    private let callsMaximum: Int
    private var calls: [MCPCallKey: MCPCall] = [:]
    /// Progress is reported under tokens that the askers chose.
    private var tokens: [MCPCallKey: MCPCallKey] = [:]
    private var sessions: [MCPScope: MCPSessionFacts] = [:]

    init(limits: WireLimits) { callsMaximum = limits.names }

    /// No call is under way.
    var isIdle: Bool { calls.isEmpty }

    // MARK: Questions

    /// A request. Its event closes `ticket` once it is answered or given up.
    mutating func ask(
        _ id: JSONRPCID, _ call: JSONRPCCall, _ ticket: EventQueue.Ticket, at place: MCPPlace,
        _ events: inout EventQueue
    ) -> MCPCallKey {
        let key = MCPCallKey(scope: place.scope, direction: place.direction, id: id)
        // An id that is in use is used again: the earlier call has no answer to come.
        close(key, .unfinished, at: place.start, &events)
        if calls.count >= callsMaximum { giveUpOldest(at: place.start, &events) }
        let call = MCPCall(key, call, text(call, place), ticket, place)
        if let token = call.progressToken {
            tokens[MCPCallKey(scope: key.scope, direction: key.direction, id: token)] = key
        }
        calls[key] = call
        return key
    }

    /// A notification: progress and cancellation belong to their calls, others are events of their own.
    mutating func notify(
        _ call: JSONRPCCall, _ ticket: EventQueue.Ticket, at place: MCPPlace, _ events: inout EventQueue
    ) {
        if call.method == "notifications/progress", reportProgress(call, place) { return events.close(ticket, nil) }
        if call.method == "notifications/cancelled", cancel(call, place) { return events.close(ticket, nil) }
        let isMCP = place.isMCP || MCPMethod.isMCP(call.method)
        let text = text(call, place)
        let method = isMCP ? "mcp." + MCPText.bounded(call.method, limit: 200) : "jsonrpc.notification"
        events.close(ticket, event(method, text.title, text.fields, place))
    }

    /// The rule that refuses a call.
    mutating func refuse(_ key: MCPCallKey, _ rule: String) { calls[key]?.refusal = rule }

    private mutating func reportProgress(_ call: JSONRPCCall, _ place: MCPPlace) -> Bool {
        guard let token = call.parameters?["progressToken"].flatMap({ JSONRPCID($0) }),
            let key = tokens[MCPCallKey(scope: place.scope, direction: place.direction.opposite, id: token)]
        else { return false }
        calls[key]?.report(call.parameters, at: place.end)
        return true
    }

    private mutating func cancel(_ call: JSONRPCCall, _ place: MCPPlace) -> Bool {
        guard let id = call.parameters?["requestId"].flatMap({ JSONRPCID($0) }) else { return false }
        let key = MCPCallKey(scope: place.scope, direction: place.direction, id: id)
        guard calls[key] != nil else { return false }
        calls[key]?.cancellation = MCPText.bounded(call.parameters?["reason"]?.string ?? "", limit: 500)
        return true
    }

    private func text(_ call: JSONRPCCall, _ place: MCPPlace) -> MCPCallText {
        let task = call.parameters?["taskId"]?.string
        return MCPCallText(call, taskTool: task.flatMap { sessions[place.scope]?.tasks[$0] })
    }

    // MARK: Answers

    /// A result or an error. `candidates` are calls that the same exchange asked: they come first.
    mutating func answer(
        _ message: JSONRPCMessage, candidates: [MCPCallKey], _ ticket: EventQueue.Ticket?, at place: MCPPlace,
        _ events: inout EventQueue
    ) {
        let id: JSONRPCID? =
            switch message {
            case .result(let id, _): id
            case .failure(let id, _): id
            case .request, .notification: nil
            }
        guard let key = key(answered: id, candidates, place), let call = calls[key] else {
            let event = strayAnswer(message, id, place)
            if let ticket { events.close(ticket, event) } else { events.add(event) }
            return
        }
        if let ticket { events.close(ticket, nil) }
        var ending: MCPEnding
        switch message {
        case .result(_, let result): ending = self.ending(result, call, place)
        case .failure(_, let error): ending = MCPResultText(failure: error).ending
        case .request, .notification: return
        }
        ending.place = place
        close(key, ending, at: place.end, &events)
    }

    private func key(answered id: JSONRPCID?, _ candidates: [MCPCallKey], _ place: MCPPlace) -> MCPCallKey? {
        // An error without id can only be meant for the one call there is.
        guard let id else { return candidates.count == 1 ? candidates[0] : nil }
        if let asked = candidates.first(where: { $0.id == id }) { return asked }
        let key = MCPCallKey(scope: place.scope, direction: place.direction.opposite, id: id)
        return calls[key] == nil ? nil : key
    }

    private mutating func ending(_ result: JSON, _ call: MCPCall, _ place: MCPPlace) -> MCPEnding {
        var ending = MCPResultText(result, of: call).ending
        guard call.isMCP else { return ending }
        change(place.scope) { facts in
            if call.method == "tools/list", let tools = result["tools"]?.array {
                let isWhole = result["nextCursor"] == nil && !call.asksForPage
                let told = facts.tools.take(tools, isWhole: isWhole, Primitives.self)
                ending.title = told.title
                ending.fields = told.fields
            }
            if let tool = call.tool, let task = result["task"]?["taskId"]?.string { facts.remember(task, of: tool) }
        }
        return ending
    }

    /// Its question came on a connection, or in a time, that is not seen here.
    private func strayAnswer(_ message: JSONRPCMessage, _ id: JSONRPCID?, _ place: MCPPlace) -> TimelineEvent {
        let question = id.map { "request \($0)" } ?? "an unnamed request"
        var fields: [TimelineEvent.Field] = []
        var outcome = TimelineEvent.Outcome.none
        if case .result(_, let result) = message { fields.append(.init("result", .text(MCPText.json(result)))) }
        if case .failure(_, let error) = message { outcome = MCPResultText(failure: error).ending.outcome }
        let side = place.direction == .clientToServer ? "server" : "client"
        var event = event(
            place.isMCP ? "mcp.answer" : "jsonrpc.answer",
            "answer to \(MCPText.bounded(question, limit: 200)) of the \(side), which is not seen here", fields, place)
        event.outcome = outcome
        return event
    }

    // MARK: Ends

    mutating func close(_ key: MCPCallKey, _ ending: MCPEnding, at time: Timestamp, _ events: inout EventQueue) {
        guard let call = calls.removeValue(forKey: key) else { return }
        if let token = call.progressToken {
            tokens[MCPCallKey(scope: key.scope, direction: key.direction, id: token)] = nil
        }
        events.close(call.ticket, call.event(ending, at: time))
    }

    /// The calls that nobody will answer any more, all or those of one connection.
    mutating func abandon(connection: UInt32? = nil, at time: Timestamp, _ events: inout EventQueue) {
        let lost = calls.values.filter { connection == nil || $0.place.connection == connection }
        for call in lost.sorted(by: { $0.ticket < $1.ticket }) { close(call.key, .unfinished, at: time, &events) }
    }

    /// Gives up a quarter at once, so that the search for the oldest is rare.
    private mutating func giveUpOldest(at time: Timestamp, _ events: inout EventQueue) {
        let oldest = calls.values.sorted { $0.ticket < $1.ticket }.prefix(max(1, callsMaximum / 4))
        for call in oldest { close(call.key, .unfinished, at: time, &events) }
    }

    private func event(
        _ kind: String, _ title: String, _ fields: [TimelineEvent.Field], _ place: MCPPlace
    ) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: place.start, stream: place.connection, kind: kind, title: title,
            fields: fields + place.fields)
        event.setRange(place.range, place.direction)
        return event
    }

    // MARK: Sessions

    private mutating func change(_ scope: MCPScope, _ body: (inout MCPSessionFacts) -> Void) {
        var facts = sessions[scope] ?? MCPSessionFacts()
        body(&facts)
        guard facts != MCPSessionFacts() else { return }
        if sessions[scope] == nil, sessions.count >= Self.sessionsMaximum { sessions.removeAll() }
        sessions[scope] = facts
    }

    /// What the sessions need to go on, as pairs of scope and facts.
    var snapshot: JSON {
        let pairs = sessions.map { JSON.array([$0.key.snapshot, $0.value.snapshot]) }
        return .array(pairs.sorted { $0.text < $1.text })
    }

    /// False when the snapshot is not of a conversation's making.
    mutating func restore(_ snapshot: JSON) -> Bool {
        for pair in snapshot.array ?? [] {
            guard let parts = pair.array, parts.count == 2, let scope = MCPScope(snapshot: parts[0]),
                let facts = MCPSessionFacts(snapshot: parts[1])
            else { return false }
            sessions[scope] = facts
        }
        return snapshot.array != nil
    }
}
