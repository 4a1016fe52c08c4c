/// The timeline of an HTTP/1 connection: one event per request, per event of a stream and per WebSocket message; what of these
/// is JSON-RPC is told as calls, and MCP as tool calls and what else it knows. Behind an upgrade to HTTP/2, as that.
public struct HTTPTimeline<Primitives: TimelinePrimitives>: TimelineBuilder {
    private var connection: HTTPConnection
    private var story: HTTPStory<Primitives>

    public init(limits: WireLimits, selection: EventSelection) {
        connection = HTTPConnection(number: 0, limits: limits)
        story = HTTPStory(limits: limits, selection: selection)
    }

    public mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        connection.data(bytes, direction, at: time, &story)
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, stream: UInt32, at time: Timestamp) {
        connection.gap(length, direction, at: time, &story)
    }

    public mutating func identity(_ identity: Identity, at time: Timestamp) {
        connection.identity(identity)
        story.events.add(TimelineEvent(identity, at: time))
    }

    public mutating func annotation(_ annotation: Annotation, at time: Timestamp) {
        connection.annotation(annotation, at: time, &story)
    }

    public mutating func finish(at time: Timestamp) { connection.finish(at: time, &story) }

    public var heldCount: Int { connection.heldCount }

    public mutating func drain() -> [TimelineEvent] { story.events.drain() }

    /// `nil` while anything is under way, after a fault, and where a direction cannot be read.
    public func snapshot() -> [UInt8]? {
        guard story.mcp.isIdle, let connection = connection.snapshot else { return nil }
        return JSON.object(["v": 1, "connection": connection, "sessions": story.mcp.snapshot]).encoded()
    }

    public init?(snapshot: Span<UInt8>, offsets: StreamOffsets, limits: WireLimits) {
        guard let state = try? JSON.parse(snapshot, values: 10_000_000), state["v"] == 1,
            let json = state["connection"], let sessions = state["sessions"],
            let connection = HTTPConnection(
                number: 0, snapshot: json, offsets: offsets, limits: limits, Primitives.self)
        else { return nil }
        self.connection = connection
        story = HTTPStory(limits: limits)
        guard story.mcp.restore(sessions) else { return nil }
    }
}
