/// What the connections of one session tell together: their events in order, and the calls that go from one to another.
struct HTTPStory<Primitives: TimelinePrimitives>: Sendable {
    var events = EventQueue()
    var mcp: MCPConversation<Primitives>
    /// All connections of a session are shown here, not only one: an answer may still come on another.
    let seesSession: Bool
    let limits: WireLimits
    /// What the events will be asked for.
    let selection: EventSelection

    init(limits: WireLimits, seesSession: Bool = false, selection: EventSelection = .everything) {
        mcp = MCPConversation(limits: limits)
        self.seesSession = seesSession
        self.limits = limits
        self.selection = selection
    }
}
