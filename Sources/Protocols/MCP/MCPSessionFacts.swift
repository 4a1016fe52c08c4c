/// What later messages of a session refer to.
struct MCPSessionFacts: Sendable, Equatable {
    private static let tasksMaximum = 1000

    var tools = MCPTools()
    /// Which tool a task carries out.
    private(set) var tasks: [String: String] = [:]

    init() {}

    mutating func remember(_ task: String, of tool: String) {
        if tasks.count >= Self.tasksMaximum { tasks.removeAll() }
        tasks[MCPText.bounded(task, limit: 200)] = tool
    }
}

// MARK: - Snapshots

extension MCPSessionFacts {
    var snapshot: JSON { .object(["tools": tools.snapshot, "tasks": .object(tasks.mapValues(JSON.string))]) }

    init?(snapshot: JSON) {
        guard let tools = snapshot["tools"].flatMap({ MCPTools(snapshot: $0) }), let tasks = snapshot["tasks"]?.strings
        else { return nil }
        self.tools = tools
        self.tasks = tasks
    }
}

extension MCPScope {
    var snapshot: JSON {
        switch self {
        case .session(let session): .string(session)
        case .connection(let connection): .integer(Int64(connection))
        }
    }

    init?(snapshot: JSON) {
        switch snapshot {
        case .string(let session): self = .session(session)
        case .integer(let number):
            guard let connection = UInt32(exactly: number) else { return nil }
            self = .connection(connection)
        default: return nil
        }
    }
}
