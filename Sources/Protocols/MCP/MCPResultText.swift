/// What an answer says, in words: outcome, title and fields of its call's event.
struct MCPResultText: Sendable {
    var ending = MCPEnding(outcome: .succeeded)

    init(failure: JSONRPCError) {
        // "Request cancelled", by LSP's number, which MCP servers use, too.
        let isCancelled = failure.code == -32800
        ending.outcome =
            isCancelled ? .cancelled : .failed(code: String(failure.code), message: MCPText.bounded(failure.message))
        add("errorData", failure.data)
    }

    init(_ result: JSON, of call: MCPCall) {
        guard result["resultType"]?.string != "input_required" else {
            readInputRequired(result)
            return
        }
        if let task = result["task"], task["taskId"] != nil {
            add("task", task["taskId"])
            add("status", task["status"])
            return
        }
        switch call.method {
        case "tools/call", "tasks/result": readToolResult(result)
        case "initialize", "server/discover": readServer(result)
        case "resources/read": addList("result", result["contents"]?.array, MCPText.resource)
        case "prompts/get": addList("result", result["messages"]?.array, MCPCallText.message)
        case "prompts/list": addNames("prompts", result["prompts"], "name", call)
        case "resources/list": addNames("resources", result["resources"], "uri", call)
        case "resources/templates/list": addNames("templates", result["resourceTemplates"], "uriTemplate", call)
        case "roots/list": addNames("roots", result["roots"], "uri", call)
        case "sampling/createMessage":
            add("model", result["model"])
            add("stopReason", result["stopReason"])
            ending.fields.append(.init("result", .text(MCPCallText.message(result))))
        case "elicitation/create": readElicitation(result)
        case "tasks/get", "tasks/cancel":
            add("status", result["status"])
            add("statusMessage", result["statusMessage"])
        default: if result != .object([:]) { add("result", result) }
        }
    }

    /// `CallToolResult`: what the model reads is told as text.
    private mutating func readToolResult(_ result: JSON) {
        let blocks = result["content"]?.array ?? []
        let text = blocks.prefix(MCPText.entriesShown).map(MCPText.content).joined(separator: "\n")
        if result["isError"]?.bool == true {
            ending.outcome = .failed(code: "isError", message: MCPText.bounded(text))
        } else if !blocks.isEmpty {
            ending.fields.append(.init("result", .text(MCPText.bounded(text))))
        }
        add("structured", result["structuredContent"])
    }

    /// Of 2026-07-28: the call is to be made again, with answers to these questions.
    private mutating func readInputRequired(_ result: JSON) {
        ending.outcome = .none
        guard case .object(let requests)? = result["inputRequests"] else { return }
        let sorted = requests.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let questions = sorted.prefix(MCPText.entriesShown).map { _, request in
            let call = JSONRPCCall(request["method"]?.string ?? "?", request["params"])
            return TimelineEvent.Value.text(MCPCallText(call, taskTool: nil).title)
        }
        ending.fields.append(.init("inputRequired", .list(questions)))
    }

    private mutating func readServer(_ result: JSON) {
        let meta = result["_meta"]?["io.modelcontextprotocol/serverInfo"]
        add("server", MCPText.implementation(result["serverInfo"] ?? meta).map(JSON.string))
        add("protocolVersion", result["protocolVersion"])
        add("supportedVersions", result["supportedVersions"])
        add("serverCapabilities", result["capabilities"])
        add("instructions", result["instructions"])
    }

    private mutating func readElicitation(_ result: JSON) {
        add("action", result["action"])
        add("content", result["content"])
        if result["action"]?.string != "accept" { ending.outcome = .none }
    }

    private mutating func addNames(_ name: String, _ list: JSON?, _ member: String, _ call: MCPCall) {
        let entries = list?.array ?? []
        ending.title = "\(entries.count) \(name)"
        addList(name, entries) { $0[member]?.string.map { MCPText.bounded($0, limit: 500) } ?? "?" }
    }

    private mutating func addList(_ name: String, _ entries: [JSON]?, _ text: (JSON) -> String) {
        guard let entries, !entries.isEmpty else { return }
        ending.fields.append(.init(name, .list(entries.prefix(MCPText.entriesShown).map { .text(text($0)) })))
    }

    private mutating func add(_ name: String, _ value: JSON?) {
        guard let value, value != .null, value != .object([:]) else { return }
        ending.fields.append(.init(name, .text(value.string.map { MCPText.bounded($0) } ?? MCPText.json(value))))
    }
}
