/// The methods of the Model Context Protocol, revisions 2024-11-05 to 2026-07-28.
enum MCPMethod {
    private static let names: Set<String> = [
        "initialize", "ping", "server/discover", "completion/complete", "logging/setLevel",
        "tools/call", "tools/list", "prompts/get", "prompts/list", "roots/list",
        "resources/list", "resources/read", "resources/subscribe", "resources/templates/list", "resources/unsubscribe",
        "sampling/createMessage", "elicitation/create", "subscriptions/listen",
        "tasks/cancel", "tasks/get", "tasks/list", "tasks/result", "tasks/update",
        "notifications/cancelled", "notifications/elicitation/complete", "notifications/initialized",
        "notifications/message", "notifications/progress", "notifications/prompts/list_changed",
        "notifications/resources/list_changed", "notifications/resources/updated", "notifications/roots/list_changed",
        "notifications/subscriptions/acknowledged", "notifications/tasks/status", "notifications/tools/list_changed",
    ]

    /// "ping" alone could be anybody's.
    static func isMCP(_ name: String) -> Bool { name != "ping" && names.contains(name) }
}
