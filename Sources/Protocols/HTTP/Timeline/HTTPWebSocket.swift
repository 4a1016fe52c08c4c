/// The messages of a WebSocket (RFC 6455): JSON-RPC as such, others as they are. Pings and pongs are not told.
struct HTTPWebSocket: Sendable {
    private struct Lane: Sendable {
        var assembler = WebSocketAssembler(limit: HTTPWebSocket.messageMaximum)
        /// The bytes of the message that has begun, with its frames' heads, and when it began.
        var range: Range<UInt64>?
        var start: Timestamp?
        /// A hole within a message: what is left of it says nothing.
        var isBroken = false
    }

    private static let messageMaximum = 4 << 20

    private let connection: UInt32
    private var lanes: [2 of Lane] = [Lane(), Lane()]

    init(connection: UInt32) { self.connection = connection }

    mutating func begin<Primitives>(
        _ frame: WebSocketFrameHead, _ direction: Direction, _ range: Range<UInt64>, _ start: Timestamp,
        _ caller: String?, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        extend(range, direction, start)
        guard let message = lanes[direction.slot].assembler.begin(frame) else { return }
        tell(message, direction, caller, at: time, &story)
    }

    mutating func payload<Primitives>(
        _ bytes: Span<UInt8>, _ direction: Direction, _ range: Range<UInt64>, isLast: Bool, _ caller: String?,
        at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        extend(range, direction, time)
        guard let message = lanes[direction.slot].assembler.payload(bytes, isLast: isLast) else { return }
        tell(message, direction, caller, at: time, &story)
    }

    /// A hole within a frame.
    mutating func skip(_ direction: Direction) { lanes[direction.slot].isBroken = true }

    /// Nothing has begun that has not ended.
    var isIdle: Bool { lanes[0].range == nil && lanes[1].range == nil && !lanes[0].isBroken && !lanes[1].isBroken }

    private mutating func extend(_ range: Range<UInt64>, _ direction: Direction, _ start: Timestamp) {
        let slot = direction.slot
        let begun = lanes[slot].range?.lowerBound ?? range.lowerBound
        if lanes[slot].range == nil { lanes[slot].start = start }
        lanes[slot].range = begun..<range.upperBound
    }

    private mutating func tell<Primitives>(
        _ message: WebSocketMessage, _ direction: Direction, _ caller: String?, at time: Timestamp,
        _ story: inout HTTPStory<Primitives>
    ) {
        let slot = direction.slot
        // A control frame between two fragments belongs to neither, but stands within their range.
        let range = exchange(&lanes[slot].range, with: nil) ?? 0..<0
        let start = exchange(&lanes[slot].start, with: nil) ?? time
        if exchange(&lanes[slot].isBroken, with: false) { return }
        guard message.opcode != .ping, message.opcode != .pong else { return }
        var place = MCPPlace(
            scope: .connection(connection), connection: connection, direction: direction, range: range, start: start,
            end: time)
        if direction == .clientToServer, let caller { place.fields = [.init("caller", .text(caller))] }
        let isText = message.opcode == .text && !message.isCompressed && !message.isCut
        if isText, let content = Self.rpc(message.payload) {
            for message in content.messages { tell(message, place, &story) }
            return
        }
        var event = message.opcode == .close ? Self.close(message, direction) : Self.event(message, direction)
        event.start = start
        event.stream = connection
        event.end = time
        event.setRange(range, direction)
        event.fields += place.fields
        story.events.add(event)
    }

    private func tell<Primitives>(_ message: JSONRPCMessage, _ place: MCPPlace, _ story: inout HTTPStory<Primitives>) {
        switch message {
        case .request(let id, let call):
            _ = story.mcp.ask(id, call, story.events.open(), at: place, &story.events)
        case .notification(let call): story.mcp.notify(call, story.events.open(), at: place, &story.events)
        case .result, .failure: story.mcp.answer(message, candidates: [], nil, at: place, &story.events)
        }
    }

    private static func rpc(_ payload: [UInt8]) -> JSONRPCContent? {
        guard JSONRPCContent.mayBegin(payload.span) else { return nil }
        return try? JSONRPCContent(payload.span)
    }

    private static func event(_ message: WebSocketMessage, _ direction: Direction) -> TimelineEvent {
        let text = message.opcode == .text && !message.isCompressed
        let shown = DisplayText.decode(message.payload.span, limit: MCPText.shown)
        let title = text ? MCPText.bounded(shown, limit: 200) : "\(message.byteCount) bytes"
        let now = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
        var event = TimelineEvent(sequence: 0, start: now, kind: "websocket.message", title: title)
        event.add("sender", .text(direction == .clientToServer ? "client" : "server"))
        event.add("opcode", .text(message.opcode == .text ? "text" : "binary"))
        event.add("bytes", .byteCount(message.byteCount))
        if message.isCompressed { event.add("compressed", .boolean(true)) }
        if text, shown.utf8.count > 200 { event.add("text", .text(shown)) }
        return event
    }

    private static func close(_ message: WebSocketMessage, _ direction: Direction) -> TimelineEvent {
        let now = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
        let sender = direction == .clientToServer ? "client" : "server"
        var event = TimelineEvent(
            sequence: 0, start: now, kind: "websocket.close", title: "the \(sender) closes the WebSocket")
        if let code = message.close?.code { event.add("code", .integer(Int64(code))) }
        if let reason = message.close?.reason, !reason.isEmpty { event.add("reason", .text(reason)) }
        return event
    }
}
