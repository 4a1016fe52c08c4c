/// The requests of one connection and their responses, in the order in which HTTP/1 has them: one after the other.
///
/// What is JSON-RPC in contents, event streams and WebSocket messages is told by the story's ``MCPConversation``; the rest
/// as HTTP.
struct HTTPConversation: Sendable {
    /// What the body pieces of a direction belong to.
    enum Content: Sendable {
        case message
        case chunk
        case frame
    }

    let connection: UInt32
    var exchanges = HTTPExchangeQueue()
    var webSocket: HTTPWebSocket?
    /// What is said behind an upgrade to HTTP/2.
    var http2: (any TimelineBuilder)?
    /// Who is calling, as the recording says.
    var caller: String?
    private var contents: [2 of Content] = [.message, .message]

    init(connection: UInt32) { self.connection = connection }

    /// Nothing is under way.
    var isIdle: Bool { exchanges.isEmpty && webSocket?.isIdle ?? true }

    /// One event of the decoder. `start` is when its first byte came, `time` when its last did.
    mutating func take<Primitives>(
        _ event: WireEvent<HTTPMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        let range = offset..<offset &+ UInt64(bytes.count)
        switch event {
        case .message(let message):
            begin(message, direction, bytes, range, start, at: time, &story)
            if message.isComplete { end(direction, range.upperBound, at: time, &story) }
        case .head(let message, _):
            begin(message, direction, bytes, range, start, at: time, &story)
            contents[direction.slot] =
                switch message {
                case .chunk: .chunk
                case .frame: .frame
                default: .message
                }
        case .body where http2 != nil:
            tell(&story) { $0.data(bytes, direction, stream: 0, at: time) }
        case .body(let isLast):
            switch contents[direction.slot] {
            case .frame: webSocket?.payload(bytes, direction, range, isLast: isLast, caller, at: time, &story)
            case .chunk: content(bytes, direction, range, at: time, &story)
            case .message:
                content(bytes, direction, range, at: time, &story)
                if isLast { end(direction, range.upperBound, at: time, &story) }
            }
        case .become: break
        case .opaque(let reason):
            story.events.add(.opaque(reason, direction, stream: connection, offset: offset, at: time))
        }
    }

    private mutating func begin<Primitives>(
        _ message: HTTPMessage, _ direction: Direction, _ bytes: Span<UInt8>, _ range: Range<UInt64>,
        _ start: Timestamp, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        switch message {
        case .request(let head):
            let text = HTTPHeadText(head, bytes, range, start: start, end: time, story.selection)
            let isDescribed = exchanges.count < HTTPExchangeQueue.describedMaximum
            let content = isDescribed ? HTTPContent(head.fields, bytes) : HTTPContent()
            exchanges.append(
                HTTPExchange(
                    text, content, ticket: story.events.open(), caller: caller, connection: connection))
        case .response(let head):
            let text = HTTPHeadText(head, bytes, range, start: start, end: time, story.selection)
            respond(text, head, HTTPContent(head.fields, bytes), at: time, &story)
        case .frame(let frame): webSocket?.begin(frame, direction, range, start, caller, at: time, &story)
        case .chunk, .chunkEnd, .trailers: break
        }
    }

    private mutating func content<Primitives>(
        _ bytes: Span<UInt8>, _ direction: Direction, _ range: Range<UInt64>, at time: Timestamp,
        _ story: inout HTTPStory<Primitives>
    ) {
        if direction == .clientToServer {
            exchanges.changeAsking { exchange in
                exchange.requestContent.take(bytes)
                exchange.requestEnd = range.upperBound
            }
        } else {
            responseContent(bytes, range, at: time, &story)
        }
    }

    private mutating func end<Primitives>(
        _ direction: Direction, _ end: UInt64, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        if direction == .clientToServer {
            endRequest(end, at: time, &story)
        } else {
            endResponse(end, at: time, &story)
        }
    }

    /// Whether the range is that of the head of a request or response under way.
    func isHead(_ range: Range<UInt64>, _ direction: Direction) -> Bool {
        exchanges.contains { exchange in
            (direction == .clientToServer ? exchange.request : exchange.response)?.range == range
        }
    }

    /// A hole that leaves it clear where the direction stands: its content lacks something.
    mutating func skip(_ length: UInt64, _ direction: Direction) {
        if direction == .clientToServer {
            exchanges.changeAsking { $0.requestContent.skip(length) }
        } else {
            exchanges.changeAnswering { $0.skip(length) }
        }
        webSocket?.skip(direction)
    }

    /// Everything under way stays without an answer.
    mutating func abandon<Primitives>(at time: Timestamp, _ story: inout HTTPStory<Primitives>) {
        while var exchange = exchanges.removeFirst() {
            if !exchange.responseHasEnded { exchange.responseContent.decode(Primitives.self) }
            if let ticket = exchange.ticket {
                story.events.close(
                    ticket,
                    exchange.event(at: time, isUnfinished: !exchange.isReadToTheEnd, story.selection))
            }
            if !exchange.responseHasEnded { tellCodedEvents(of: exchange, at: time, &story) }
        }
        webSocket = nil
        tell(&story) { $0.finish(at: time) }
        http2 = nil
        if !story.seesSession { story.mcp.abandon(at: time, &story.events) }
    }
}

extension HTTPMessage {
    /// Nothing of its request or response follows.
    fileprivate var isComplete: Bool {
        switch self {
        case .request(let head): head.framing != .chunked
        case .response(let head): !head.isInterim && head.framing != .chunked
        case .trailers: true
        case .chunk, .chunkEnd, .frame: false
        }
    }
}
