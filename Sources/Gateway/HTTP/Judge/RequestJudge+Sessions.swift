import Protocols

// Whose MCP sessions are. One of streamable HTTP has a field of its own and is given with a response's head; one of revision
// 2024-11-05 stands in the query of the target that its stream names first.

extension RequestJudge {
    /// A session that is not this caller's is answered like one that is over (MCP, "Session Management").
    mutating func sessionObjection(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ caller: Identity
    ) -> HTTPJudgement? {
        let ids = head.fields.filter { $0.name == .mcpSessionID }
        session = ids.first.map { session([UInt8](copying: bytes.extracting($0.valueRange))) }
        conversation = session
        endsSession = head.method == .delete
        if let session, ids.count > 1 || !pins.isPinned(session, to: caller.principal) { return Self.noSession }
        // Other servers have queries of the same name, so one that nobody was given is nobody's business.
        let key = MCPSessionKey.inTarget(bytes.extracting(head.target))
        if let key, pins.isPinned(session(Array(key.utf8)), toOtherThan: caller.principal) { return Self.noSession }
        conversation = conversation ?? key.map { session(Array($0.utf8)) }
        return nil
    }

    /// What the client no longer wants is not asked about any longer. The upstream knows nothing of it, and hears of it all the
    /// same: it ignores what it does not know (MCP, "Cancellation").
    func takeBack() {
        guard let conversation, case .calls(let calls, _) = facts.content else { return }
        for call in calls {
            if let id = call.cancelled { held.cancel(HeldCalls.Call(session: conversation, id: id)) }
        }
    }

    mutating func begin(session key: String) {
        guard let caller else { return }
        let session = session(Array(key.utf8))
        guard pins.pin(session, to: caller.principal), let say else { return }
        opened = session
        streams.open(session, say)
    }

    var answersInSession: Bool { session == nil && conversation.map(streams.isOpen) ?? false }

    func say(inSession events: [UInt8]) -> Bool {
        guard session == nil, let conversation else { return false }
        return streams.say(events, to: conversation)
    }

    mutating func streamEnded() {
        if let session = opened.take() { streams.close(session) }
    }

    mutating func keepSession(_ head: HTTPResponseHead, _ bytes: Span<UInt8>) {
        guard let caller, (200..<300).contains(head.status) else { return }
        if endsSession, let session { pins.forget(session) }
        guard let id = head.fields.first(.mcpSessionID) else { return }
        _ = pins.pin(session([UInt8](copying: bytes.extracting(id.valueRange))), to: caller.principal)
    }

    private func session(_ id: [UInt8]) -> SessionPins.Session { SessionPins.Session(target: target, id: id) }

    private static var noSession: HTTPJudgement {
        let answer = HTTPAnswer.problem(404, "Not Found", "there is no such session of this caller")
        return .deny(answer, rule: "a session belongs to whom it was given to")
    }
}
