import Protocols

/// The exchanges of an HTTP/1 connection: one after the other, pipelined ones in the order in which they were asked.
struct HTTPExchanges: HARExchanges {
    typealias Decoder = HTTPDecoder

    /// Bytes of messages after which a WebSocket goes on in a further entry.
    private static let messagesMaximum = 4 << 20

    private(set) var heldCount = 0
    private var exchanges = Fifo<HARExchange>()
    /// Those that are over; a note on them may still come.
    private var done: [HARExchange] = []
    /// Notes on what is still to come.
    private var notes = HARNotes()
    private var webSocket: HARMessages?
    private var messageBytes = 0
    private var isChunked = [false, false]
    private var isFrame = [false, false]

    mutating func gap(_ length: UInt64, _ direction: Direction, _ decoder: HTTPDecoder, at time: Timestamp) {
        if decoder.isLost(direction) {
            // Which of the requests have been answered is not known any more.
            return abandon("bytes are missing from the recording")
        }
        if isFrame[direction.slot] { return webSocket?.skip(direction) ?? () }
        change(direction) { $0.skip(length, direction) }
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

    /// A content that lasts until the end of the stream is whole with it (RFC 9112 §8).
    mutating func finish() {
        while var last = exchanges.popFirst() {
            if last.responseLastsUntilClose { last.responseBody.isWhole = true }
            close(last)
        }
    }

    mutating func drain() -> [HARExchange] { exchange(&done, with: []) }

    /// The connection goes over to another protocol. Returns the exchange that has asked for it.
    mutating func leave() -> HARExchange? {
        let last = exchanges.last
        finish()
        return last
    }

    mutating func abandon(_ reason: String) {
        while var last = exchanges.popFirst() {
            last.comments.append(reason)
            close(last)
        }
    }
}

// MARK: - What the decoder finds

extension HTTPExchanges {
    mutating func take(
        _ event: WireEvent<HTTPMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp, room: Int
    ) {
        switch event {
        case .message(let message):
            begin(message, direction, offset, bytes, hasBody: false, start: start, at: time, room: room)
        case .head(let message, _):
            begin(message, direction, offset, bytes, hasBody: true, start: start, at: time, room: room)
        case .body(let isLast):
            let slot = direction.slot
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
        let slot = direction.slot
        isFrame[slot] = false
        switch message {
        case .request(let head):
            isChunked[slot] = head.framing == .chunked
            ask(head, offset, bytes, start: start, at: time, room: room)
            if !hasBody, !isChunked[slot] { end(direction, at: time) }
        case .response(let head):
            if head.isInterim { return change(direction) { $0.answerAhead(head.status) } }
            isChunked[slot] = head.framing == .chunked
            answer(head, offset, bytes, start: start, at: time)
            if !hasBody, !isChunked[slot], head.status != 101 { end(direction, at: time) }
        case .chunk, .chunkEnd: break
        case .trailers(let fields):
            if direction == .serverToClient, !fields.isEmpty {
                let trailers = HARHead(fields, bytes, at: offset)
                change(direction) { $0.trailers = trailers }
            }
            end(direction, at: time)
        case .frame(let frame):
            isFrame[slot] = true
            if let message = webSocket?.begin(frame, direction, at: time) { tell(message, at: time) }
        }
    }

    private mutating func ask(
        _ head: HTTPRequestHead, _ offset: UInt64, _ bytes: Span<UInt8>, start: Timestamp, at time: Timestamp, room: Int
    ) {
        var request = HARExchange.Request(
            head: HARHead(head.fields, bytes, at: offset),
            method: DisplayText.decode(bytes.extracting(head.methodName), limit: 100),
            target: [UInt8](copying: bytes.extracting(head.target)), form: head.targetForm,
            version: Self.name(head.version))
        request.targetRange = request.head.streamRange(head.target)
        let hasRoom = heldCount + request.heldCount <= room
        if !hasRoom { request.shorten() }
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
        let response = HARExchange.Response(
            head: HARHead(head.fields, bytes, at: offset), status: head.status,
            reason: DisplayText.decode(bytes.extracting(head.reason)), version: Self.name(head.version))
        heldCount += exchanges[0].growth { $0.response = response }
        exchanges[0].answering = start
        exchanges[0].ended = time
        exchanges[0].responseLastsUntilClose = head.framing == .untilClose
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
        change(direction) { $0.append(bytes, direction, at: offset, room: left, at: time) }
    }

    private mutating func end(_ direction: Direction, at time: Timestamp) {
        change(direction) { $0.end(direction, at: time) }
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
        // Only the oldest can have been answered before all of it was asked.
        let index =
            direction == .clientToServer
            ? exchanges.indices.last : exchanges.indices.first { !exchanges[$0].isAnswered }
        if let index { heldCount += exchanges[index].growth(by: change) }
    }

    private mutating func close(_ exchange: HARExchange) {
        heldCount -= exchange.heldCount
        done.append(exchange)
        if exchange.messages != nil { webSocket = nil }
    }

    private static func name(_ version: HTTPVersion) -> String { version == .http10 ? "HTTP/1.0" : "HTTP/1.1" }
}
