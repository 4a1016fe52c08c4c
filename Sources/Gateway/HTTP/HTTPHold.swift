import Protocols

/// A call that waits for a person's answer, while its client reads an event stream that has begun already: MCP's streamable
/// HTTP lets a server answer each call with one. Clients give up on a connection that stays silent, and stay on one that
/// speaks. What the upstream answers goes on within this stream.
struct HTTPHold: Sendable, Equatable {
    private var signs: SignsOfLife
    private let closes: Bool
    /// The client has the head.
    private(set) var isOpen = false

    /// Those that the upstream answers, or fails to.
    var calls: [RPCCall] {
        get { signs.calls }
        set { signs.calls = newValue }
    }

    /// `nil` where the client has to wait without a word: it reads no event streams, or would miss what the upstream's own
    /// head says (the session that `initialize` begins).
    init?(_ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ calls: [RPCCall]) {
        guard head.method == .post, head.version == .http11, head.readsEvents(bytes),
            calls.contains(where: { $0.id != nil }), !calls.contains(where: { $0.method == "initialize" })
        else { return nil }
        signs = SignsOfLife(calls)
        closes = head.isLast
    }

    // MARK: Waiting

    /// What is asked now; for the first question, with the beginning of the stream.
    mutating func tell(_ question: Question, number: UInt64) -> [UInt8] {
        signs.ask(question, number: number)
        return isOpen ? reminder() : open() + reminder()
    }

    private mutating func open() -> [UInt8] {
        guard var head = try? HTTPHeadEncoder(status: 200, reason: "OK") else { return [] }
        isOpen = true
        try? head.add("Content-Type", "text/event-stream")
        try? head.add("Cache-Control", "no-cache, no-transform")
        // nginx would keep the events back.
        try? head.add("X-Accel-Buffering", "no")
        head.add(.chunked)
        if closes { try? head.add("Connection", "close") }
        return head.finish()
    }

    mutating func reminder() -> [UInt8] { HTTPChunkEncoder.chunk(signs.events()) }

    // MARK: The answer

    /// What the stream ends with where the gateway answers by itself.
    func ending(_ reply: HTTPReply) -> [UInt8] {
        if reply.isJSON { return Self.end(with: SSEEvent.encode(reply.content.span, type: "message")) }
        return Self.end(with: failures(reply.text))
    }

    /// What the stream ends with where the upstream has answered by something else than a stream.
    ///
    /// - Parameter content: without a content coding; `nil` where there is none that could be read.
    func ending(_ head: HTTPResponseHead, _ content: [UInt8]?, isEvents: Bool) -> [UInt8] {
        guard let content, !content.isEmpty else {
            return Self.end(with: failures("the server answered \(head.status)"))
        }
        if isEvents { return Self.end(with: content) }
        guard (try? JSON.parse(content.span, depth: 256)).map(Self.isAnswer) ?? false else {
            return Self.end(with: failures("the server answered \(head.status)"))
        }
        return Self.end(with: SSEEvent.encode(content.span, type: "message"))
    }

    private static func isAnswer(_ json: JSON) -> Bool {
        if let elements = json.array { return !elements.isEmpty && elements.allSatisfy { $0["jsonrpc"] != nil } }
        return json["jsonrpc"] != nil
    }

    /// One JSON-RPC error for each call.
    private func failures(_ text: String) -> [UInt8] {
        calls.compactMap(\.id).reduce(into: []) { events, id in
            let error: JSON = .object(["code": .integer(RequestRefusal.code), "message": .string(text)])
            let answer: JSON = .object(["jsonrpc": "2.0", "id": id, "error": error])
            events += SSEEvent.encode(answer.encoded().span, type: "message")
        }
    }

    private static func end(with events: [UInt8]) -> [UInt8] {
        (events.isEmpty ? [] : HTTPChunkEncoder.chunk(events)) + HTTPChunkEncoder.lastChunk
    }
}

extension HTTPRequestHead {
    /// Whether the client takes an event stream (RFC 9110 §12.5.1); nobody names one with a quality of zero.
    func readsEvents(_ bytes: Span<UInt8>) -> Bool {
        fields.contains { field in
            field.name == .accept
                && field.value(in: bytes).lowercased().split(separator: ",").contains {
                    $0.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" } == "text/event-stream"
                }
        }
    }
}
