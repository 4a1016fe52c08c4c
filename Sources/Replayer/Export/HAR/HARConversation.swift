import Protocols

/// Finds the exchanges of one HTTP/1 connection in its bytes. Never fails: what cannot be read is said in the last one.
struct HARConversation: Sendable {
    /// Bytes of messages after which a WebSocket goes on in a further entry.
    private static let messagesMaximum = 4 << 20

    let connection: HARConnection
    /// Why nothing can be read any more, and from where on.
    private(set) var failure: String?
    /// Bytes that are held of all exchanges.
    private(set) var heldCount = 0
    private var session: TimedSession<HTTPDecoder>
    private var exchanges = Fifo<HARExchange>()
    /// Those that are over; a note on them may still come.
    private var done: [HARExchange] = []
    /// Notes on what is still to come.
    private var notes = HARNotes()
    private var webSocket: HARMessages?
    private var messageBytes = 0
    private var isChunked = [false, false]
    private var isFrame = [false, false]

    init(_ connection: HARConnection, limits: WireLimits) {
        self.connection = connection
        session = TimedSession(HTTPDecoder(limits: limits), limits: limits)
    }

    /// - Parameter room: bytes that may be held of all exchanges, those held included.
    mutating func data(_ bytes: Span<UInt8>, _ direction: Direction, at time: Timestamp, room: Int) {
        guard failure == nil, bytes.count > 0 else { return }
        var session = exchange(
            &self.session, with: TimedSession(HTTPDecoder(limits: WireLimits()), limits: WireLimits()))
        do throws(WireFault) {
            try session.feed(bytes, direction, at: time) { event, direction, offset, bytes, start in
                take(event, direction, offset, bytes, start: start, at: time, room: room)
            }
        } catch { fail("\(error)", at: time) }
        self.session = session
    }

    mutating func gap(_ length: UInt64, _ direction: Direction, at time: Timestamp) {
        guard failure == nil else { return }
        do throws(WireFault) { try session.gap(length, direction) } catch { return fail("\(error)", at: time) }
        if session.decoder.isLost(direction) {
            // Which of the requests have been answered is not known any more.
            return abandon("bytes are missing from the recording")
        }
        if isFrame[slot(direction)] { return webSocket?.skip(direction) ?? () }
        change(direction) { exchange in
            if direction == .clientToServer {
                exchange.requestBody.skip(length)
            } else {
                exchange.responseBody.skip(length)
            }
        }
        heldCount = exchanges.indices.reduce(0) { $0 + exchanges[$1].heldCount }
    }

    mutating func annotation(_ note: Annotation) {
        let place = note.range.lowerBound
        let isMeant = { (exchange: HARExchange) in exchange.range(note.direction)?.contains(place) == true }
        if let index = done.lastIndex(where: isMeant) { return done[index].notes.add(note) }
        if let index = exchanges.indices.last(where: { isMeant(exchanges[$0]) }) {
            return exchanges[index].notes.add(note)
        }
        notes.add(note)
    }

    /// The recording ends here. A content that lasts until the end of the stream is whole with it (RFC 9112 §8).
    mutating func finish(at time: Timestamp) {
        while var last = exchanges.popFirst() {
            if last.responseLastsUntilClose { last.responseBody.isWhole = true }
            close(last)
        }
    }

    /// The exchanges that are over, and on which all notes have been seen.
    mutating func drain() -> [HARExchange] { exchange(&done, with: []) }

    private mutating func fail(_ reason: String, at time: Timestamp) {
        failure = reason
        abandon("the connection cannot be read further: \(reason)")
    }

    /// Whatever is under way goes on where nobody sees it.
    private mutating func abandon(_ reason: String) {
        while var last = exchanges.popFirst() {
            last.comments.append(reason)
            close(last)
        }
    }

    private func slot(_ direction: Direction) -> Int { direction == .clientToServer ? 0 : 1 }
}

// MARK: - What the decoder finds

extension HARConversation {
    private mutating func take(
        _ event: WireEvent<HTTPMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp, room: Int
    ) {
        switch event {
        case .message(let message):
            begin(message, direction, offset, bytes, hasBody: false, start: start, at: time, room: room)
        case .head(let message, _):
            begin(message, direction, offset, bytes, hasBody: true, start: start, at: time, room: room)
        case .body(let isLast):
            let slot = slot(direction)
            if isFrame[slot] {
                let message = webSocket?.payload(bytes, direction, isLast: isLast, at: time)
                if let message { tell(message, at: time) }
                return
            }
            content(bytes, direction, offset, at: time, room: room)
            if isLast, !isChunked[slot] { end(direction, at: time) }
        case .become: break
        case .opaque(let reason):
            change(direction) { $0.comments.append("from byte \(offset) on not readable: \(reason.rawValue)") }
        }
    }

    private mutating func begin(
        _ message: HTTPMessage, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>, hasBody: Bool,
        start: Timestamp, at time: Timestamp, room: Int
    ) {
        let slot = slot(direction)
        isFrame[slot] = false
        switch message {
        case .request(let head):
            isChunked[slot] = head.framing == .chunked
            ask(head, offset, bytes, start: start, at: time, room: room)
            if !hasBody, !isChunked[slot] { end(direction, at: time) }
        case .response(let head):
            if head.isInterim { return change(direction) { $0.interim.append(head.status) } }
            isChunked[slot] = head.framing == .chunked
            answer(head, offset, bytes, start: start, at: time)
            if !hasBody, !isChunked[slot], head.status != 101 { end(direction, at: time) }
        case .chunk, .chunkEnd: break
        case .trailers: end(direction, at: time)
        case .frame(let frame):
            isFrame[slot] = true
            if let message = webSocket?.begin(frame, direction, at: time) { tell(message, at: time) }
        }
    }

    private mutating func ask(
        _ head: HTTPRequestHead, _ offset: UInt64, _ bytes: Span<UInt8>, start: Timestamp, at time: Timestamp, room: Int
    ) {
        let hasRoom = heldCount + bytes.count <= room
        let request = HARExchange.Request(
            head: HARHead(bytes, hasRoom ? head.fields : HTTPFields(), at: offset, keeps: hasRoom ? nil : head.target),
            method: DisplayText.decode(bytes.extracting(head.methodName), limit: 100),
            target: hasRoom ? head.target : 0..<min(head.target.count, HARHead.shortCount), form: head.targetForm,
            version: head.version)
        // A hole may have taken the end of the request before.
        if exchanges.last?.isAsked == false { end(.clientToServer, at: time) }
        var new = HARExchange(request, started: start, at: time)
        new.notes = exchange(&notes, with: HARNotes())
        if !hasRoom { new.comments.append("its fields are left out: too many requests wait for their responses") }
        heldCount += new.heldCount
        exchanges.append(new)
    }

    private mutating func answer(
        _ head: HTTPResponseHead, _ offset: UInt64, _ bytes: Span<UInt8>, start: Timestamp, at time: Timestamp
    ) {
        // A hole may have taken the end of the response before.
        if exchanges.first?.response != nil { end(.serverToClient, at: exchanges[0].ended) }
        if exchanges.isEmpty { exchanges.append(HARExchange(nil, started: start, at: start)) }
        exchanges[0].response = HARExchange.Response(
            head: HARHead(bytes, head.fields, at: offset), status: head.status,
            reason: DisplayText.decode(bytes.extracting(head.reason)), version: head.version)
        exchanges[0].answering = start
        exchanges[0].ended = time
        exchanges[0].responseLastsUntilClose = head.framing == .untilClose
        heldCount += bytes.count
        if head.status == 101, head.fields.lists("websocket", in: .upgrade, bytes) {
            webSocket = HARMessages()
            exchanges[0].messages = []
            exchanges[0].responseBody.isWhole = true
        }
    }

    private mutating func content(
        _ bytes: Span<UInt8>, _ direction: Direction, _ offset: UInt64, at time: Timestamp, room: Int
    ) {
        let left = max(0, room - heldCount)
        var difference = 0
        change(direction) { exchange in
            let before = exchange.heldCount
            if direction == .clientToServer {
                exchange.requestBody.append(bytes, at: offset, room: left)
            } else {
                exchange.responseBody.append(bytes, at: offset, room: left)
                exchange.ended = time
            }
            difference = exchange.heldCount - before
        }
        heldCount += difference
    }

    private mutating func end(_ direction: Direction, at time: Timestamp) {
        change(direction) { exchange in
            if direction == .clientToServer {
                exchange.requestBody.isWhole = true
                exchange.isAsked = true
                exchange.asked = time
            } else {
                exchange.responseBody.isWhole = true
                exchange.ended = time
                exchange.isAnswered = true
            }
        }
        while let first = exchanges.first, first.isAnswered, first.isAsked {
            _ = exchanges.popFirst()
            close(first)
        }
    }

    private mutating func tell(_ message: JSON, at time: Timestamp) {
        guard !exchanges.isEmpty else { return }
        exchanges[0].messages?.append(message)
        exchanges[0].ended = time
        messageBytes += 100 + (message["data"]?.string?.utf8.count ?? 0)
        guard messageBytes > Self.messagesMaximum else { return }
        var part = exchanges[0]
        part.comments.append("the next entry with the same request has further messages")
        done.append(part)
        exchanges[0].messages = []
        messageBytes = 0
    }

    /// The exchange whose request, or whose response, is being read.
    private mutating func change(_ direction: Direction, _ change: (inout HARExchange) -> Void) {
        guard !exchanges.isEmpty else { return }
        if direction == .clientToServer { return change(&exchanges[exchanges.count - 1]) }
        // Only the oldest can have been answered before all of it was asked.
        for index in exchanges.indices where !exchanges[index].isAnswered { return change(&exchanges[index]) }
    }

    private mutating func close(_ exchange: HARExchange) {
        heldCount -= exchange.heldCount
        done.append(exchange)
        if exchange.messages != nil { webSocket = nil }
    }
}
