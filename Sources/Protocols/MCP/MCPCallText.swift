/// What a request or notification asks for, in words: the title and fields of its event.
struct MCPCallText: Sendable {
    var title: String
    var tool: String?
    var fields: [TimelineEvent.Field] = []

    /// - Parameter tool: the tool of a task that the call is about, when it is known.
    init(_ call: JSONRPCCall, taskTool: String?) {
        let parameters = call.parameters
        title = MCPText.bounded(call.method, limit: 200)
        switch call.method {
        case "tools/call": readTool(parameters)
        case "prompts/get":
            title = MCPText.bounded(parameters?["name"]?.string ?? "?", limit: 200)
            title += MCPText.arguments(parameters?["arguments"])
            add("prompt", parameters?["name"])
            add("arguments", parameters?["arguments"])
        case "resources/read", "resources/subscribe", "resources/unsubscribe", "notifications/resources/updated":
            title = MCPText.bounded(parameters?["uri"]?.string ?? "?", limit: 2000)
        case "initialize": readInitialize(parameters)
        case "sampling/createMessage": readSampling(parameters)
        case "elicitation/create":
            title = "the server asks the user: " + MCPText.bounded(parameters?["message"]?.string ?? "?", limit: 2000)
            add("url", parameters?["url"])
            add("schema", parameters?["requestedSchema"])
        case "notifications/message":
            title = MCPText.bounded(Self.logged(parameters?["data"]), limit: 2000)
            add("level", parameters?["level"])
            add("logger", parameters?["logger"])
        case "tasks/get", "tasks/result", "tasks/cancel", "tasks/update", "notifications/tasks/status":
            readTask(parameters, taskTool)
        case "completion/complete":
            title = "complete " + MCPText.bounded(parameters?["argument"]?.text ?? "?", limit: 200)
            add("reference", parameters?["ref"])
        case "tools/list", "prompts/list", "resources/list", "resources/templates/list", "server/discover", "ping",
            "notifications/initialized", "roots/list":
            break
        default: add("parameters", parameters)
        }
        if let answers = parameters?["inputResponses"] { add("inputResponses", answers) }
    }

    private mutating func readTool(_ parameters: JSON?) {
        let name = MCPText.bounded(parameters?["name"]?.string ?? "(no name)", limit: 200)
        tool = name
        title = name + MCPText.arguments(parameters?["arguments"])
        add("tool", .string(name))
        add("arguments", parameters?["arguments"])
        add("task", parameters?["task"])
    }

    private mutating func readInitialize(_ parameters: JSON?) {
        title = "initialize by \(MCPText.implementation(parameters?["clientInfo"]) ?? "an unnamed client")"
        add("client", MCPText.implementation(parameters?["clientInfo"]).map(JSON.string))
        add("askedVersion", parameters?["protocolVersion"])
        add("clientCapabilities", parameters?["capabilities"])
    }

    private mutating func readSampling(_ parameters: JSON?) {
        let messages = parameters?["messages"]?.array ?? []
        let last = messages.last.map { Self.message($0) } ?? "nothing"
        title = "the server asks the client's model: " + MCPText.bounded(last, limit: 2000)
        if !messages.isEmpty {
            let texts = messages.prefix(MCPText.entriesShown).map { TimelineEvent.Value.text(Self.message($0)) }
            fields.append(.init("messages", .list(texts)))
        }
        add("systemPrompt", parameters?["systemPrompt"])
        add("maxTokens", parameters?["maxTokens"])
        add("modelPreferences", parameters?["modelPreferences"])
    }

    private mutating func readTask(_ parameters: JSON?, _ taskTool: String?) {
        let id = MCPText.bounded(parameters?["taskId"]?.string ?? "?", limit: 200)
        tool = taskTool
        title = "task \(id)" + (taskTool.map { " of \($0)" } ?? "")
        add("tool", taskTool.map(JSON.string))
        add("status", parameters?["status"])
        add("statusMessage", parameters?["statusMessage"])
    }

    /// `SamplingMessage` or `PromptMessage`: content is one block or several.
    static func message(_ message: JSON) -> String {
        let blocks = message["content"]?.array ?? [message["content"] ?? .null]
        let text = blocks.prefix(MCPText.entriesShown).map(MCPText.content).joined(separator: "\n")
        return MCPText.bounded("\(message["role"]?.string ?? "?"): \(text)")
    }

    private static func logged(_ data: JSON?) -> String { data?.string ?? data?.text ?? "" }

    private mutating func add(_ name: String, _ value: JSON?) {
        guard let value, value != .null, value != .object([:]) else { return }
        fields.append(.init(name, .text(value.string.map { MCPText.bounded($0) } ?? MCPText.json(value))))
    }
}
