import Protocols

// Tools that the caller may not use are not shown, wherever a list of them could come: in the answer to a request for it, in a
// stream that is resumed, or in the one stream of a session of revision 2024-11-05.

extension RequestJudge {
    /// The longest event of a stream that is read, in bytes.
    private static var eventMaximum: Int { 16 << 20 }

    var readsAnswers: Bool { mayListTools && (awaitsEvents || facts.methods.first != "GET") }

    mutating func sight(of head: HTTPResponseHead, _ bytes: Span<UInt8>) -> HTTPSight {
        keepSession(head, bytes)
        guard mayListTools, let type = head.fields.value(.contentType, in: bytes) else { return .head }
        let name = type.lowercased().prefix { $0 != ";" && $0 != " " }
        listIsStream = name == "text/event-stream"
        if listIsStream { return .events(limit: Self.eventMaximum) }
        return name == "application/json" || name.hasSuffix("+json") ? .content(limit: bodyLimit) : .head
    }

    mutating func edit(_ content: [UInt8], of head: HTTPResponseHead) -> HTTPEdit {
        if listIsStream { return edit(events: content) }
        return edit { $0.filter(content) }
    }

    mutating func edit(events block: [UInt8]) -> HTTPEdit { edit { $0.filter(events: block) } }

    private mutating func edit(_ filter: (ToolListFilter) -> ToolListFilter.Outcome) -> HTTPEdit {
        guard let caller else { return .refused(rule: "nobody to judge for") }
        // A stream may outlast the rules that it began with.
        let (rules, time) = (refresh(for: caller), book.now())
        var facts = facts
        // Tools are called by POST, whatever the list came by.
        if facts.methods == ["GET"] { facts.methods = ["POST"] }
        return switch filter(ToolListFilter { [facts] in rules.hides(tool: $0, of: facts, at: time) }) {
        case .unchanged: .unchanged
        case .edited(let new): .edited(new, reason: "tools that the caller may not use are not shown")
        case .unreadable: .refused(rule: "a list of tools that cannot be read")
        }
    }

    /// Whether what is answered could be a list of tools of which some are hidden.
    private var mayListTools: Bool {
        guard let rules, rules.readsCalls || rules.standard == .deny else { return false }
        if facts.methods.first == "GET" { return true }
        guard case .calls(let calls, _) = facts.content else { return false }
        return calls.contains { $0.method == "tools/list" }
    }
}
