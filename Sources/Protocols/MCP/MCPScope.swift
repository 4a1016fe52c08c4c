/// Whose ids are counted together: those of one MCP session, or of a connection that belongs to none.
enum MCPScope: Sendable, Hashable {
    case session(String)
    case connection(UInt32)
}

/// What tells a call from all others under way. Clients and servers count their ids independently of each other.
struct MCPCallKey: Sendable, Hashable {
    var scope: MCPScope
    /// The direction in which it was asked.
    var direction: Direction
    var id: JSONRPCID
}

/// Where one message stands, and what carried it.
struct MCPPlace: Sendable {
    var scope: MCPScope
    var connection: UInt32
    var direction: Direction
    /// In the direction's stream.
    var range: Range<UInt64>
    var start: Timestamp
    var end: Timestamp
    /// It travels in a conversation that is MCP by other signs than its methods.
    var isMCP = false
    /// What the carrier adds to the events of this message: the request line, who asked.
    var fields: [TimelineEvent.Field] = []
}
