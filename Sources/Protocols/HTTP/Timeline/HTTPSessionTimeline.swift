/// The timeline of several HTTP/1 connections that belong to one session, told as one story: a call may be asked on one connection
/// and answered on another.
///
/// An event's `stream` is the number of the connection that it began on.
public struct HTTPSessionTimeline<Primitives: TimelinePrimitives>: Sendable {
    private let limits: WireLimits
    private var connections: [UInt32: HTTPConnection] = [:]
    private var story: HTTPStory<Primitives>
    private var lastIdentity: Identity?

    public init(limits: WireLimits) {
        self.limits = limits
        story = HTTPStory(limits: limits, seesSession: true)
    }

    /// What comes of all connections has to come in the order in which it happened.
    public mutating func data(
        _ bytes: Span<UInt8>, _ direction: Direction, connection: UInt32, at time: Timestamp
    ) {
        change(connection) { $0.data(bytes, direction, at: time, &$1) }
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction, connection: UInt32, at time: Timestamp) {
        change(connection) { $0.gap(length, direction, at: time, &$1) }
    }

    /// Told when it is another than the last one: clients prove who they are on each connection.
    public mutating func identity(_ identity: Identity, connection: UInt32, at time: Timestamp) {
        change(connection) { reader, _ in reader.identity(identity) }
        guard exchange(&lastIdentity, with: identity) != identity else { return }
        var event = TimelineEvent(identity, at: time)
        event.stream = connection
        story.events.add(event)
    }

    /// What is noted about a connection itself is not part of the session's story.
    public mutating func annotation(_ annotation: Annotation, connection: UInt32, at time: Timestamp) {
        guard annotation.kind != .information, annotation.kind != .session else { return }
        change(connection) { $0.annotation(annotation, at: time, &$1) }
    }

    /// The connection's recording ends here. Calls that it asked may still be answered on others.
    public mutating func finish(connection: UInt32, at time: Timestamp) {
        change(connection) { $0.finish(at: time, &$1) }
        connections[connection] = nil
    }

    /// All recordings have ended.
    public mutating func finish(at time: Timestamp) {
        for connection in connections.keys.sorted() { finish(connection: connection, at: time) }
        story.mcp.abandon(at: time, &story.events)
    }

    /// The events completed since the last call, in order of their starts.
    public mutating func drain() -> [TimelineEvent] { story.events.drain() }

    private mutating func change(
        _ connection: UInt32, _ body: (inout HTTPConnection, inout HTTPStory<Primitives>) -> Void
    ) {
        var reader = connections.removeValue(forKey: connection) ?? HTTPConnection(number: connection, limits: limits)
        body(&reader, &story)
        connections[connection] = reader
    }
}
