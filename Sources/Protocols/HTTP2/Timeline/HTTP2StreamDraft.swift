/// One stream: a request and its response, or a call (RFC 9113 §8.1).
struct HTTP2StreamDraft: Sendable {
    /// A half of the stream: what one side says on it.
    struct Half: Sendable {
        var headers: HTTP2HeaderText?
        var trailers: HTTP2HeaderText?
        var dataBytes: UInt64 = 0
        var messages = GRPCMessageReader()
        private var base64 = Base64Pieces()
        var range: Range<UInt64>?
        /// When its first header block came.
        var begun: Timestamp?
        /// When its sender had said all.
        var ended: Timestamp?

        var heldCount: Int { (headers?.heldCount ?? 0) + (trailers?.heldCount ?? 0) + messages.heldCount }

        mutating func add(_ data: Span<UInt8>, isBase64: Bool) {
            guard isBase64 else { return messages.add(data) }
            let bytes = base64.decode(data)
            messages.add(bytes.span)
            if base64.isBroken { messages.lose() }
        }

        mutating func cover(_ range: Range<UInt64>) {
            self.range = min(self.range?.lowerBound ?? range.lowerBound, range.lowerBound)..<range.upperBound
        }
    }

    let stream: UInt32
    let ticket: EventQueue.Ticket
    let start: Timestamp
    var client = Half()
    var server = Half()
    /// 1xx statuses before the response.
    var interim: [String] = []
    var isPushed = false
    /// How it ended before its time.
    var reset: (by: Side, code: HTTP2ErrorCode)?

    init(_ stream: UInt32, _ ticket: EventQueue.Ticket, start: Timestamp) {
        self.stream = stream
        self.ticket = ticket
        self.start = start
    }

    subscript(direction: Direction) -> Half {
        _read {
            if direction == .clientToServer { yield client } else { yield server }
        }
        _modify {
            if direction == .clientToServer { yield &client } else { yield &server }
        }
    }

    /// Bytes that are kept for its event, and itself.
    var heldCount: Int { MemoryLayout<Self>.size + client.heldCount + server.heldCount }

    /// Both sides have said all.
    var isComplete: Bool { (client.ended != nil || isPushed) && server.ended != nil }

    var grpc: GRPCContentType? { (client.headers ?? server.headers)?.grpc }

    // MARK: What happens on it

    /// A header block; the last thing that its sender says where it `endsStream`.
    mutating func add(
        _ text: HTTP2HeaderText, endsStream: Bool, _ direction: Direction, _ range: Range<UInt64>, start: Timestamp,
        at time: Timestamp
    ) {
        self[direction].cover(range)
        if self[direction].begun == nil { self[direction].begun = start }
        if let status = text.text(.status), status.hasPrefix("1"), !endsStream {
            if interim.count < 20 { interim.append(status) }
        } else if self[direction].headers == nil {
            self[direction].headers = text
        } else {
            self[direction].trailers = text
        }
        if endsStream { end(direction, at: time) }
    }

    /// The server promises to answer what it says the client would have asked (§8.4).
    mutating func promise(_ text: HTTP2HeaderText) {
        isPushed = true
        client.headers = text
    }

    mutating func add(data bytes: Span<UInt8>, _ direction: Direction, _ range: Range<UInt64>) {
        self[direction].cover(range)
        self[direction].dataBytes += UInt64(bytes.count)
        if let grpc { self[direction].add(bytes, isBase64: grpc.isText) }
    }

    mutating func end(_ direction: Direction, at time: Timestamp) {
        if self[direction].ended == nil { self[direction].ended = time }
    }
}
