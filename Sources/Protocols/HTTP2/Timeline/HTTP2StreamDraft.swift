/// One stream: a request and its response, or a call (RFC 9113 §8.1).
struct HTTP2StreamDraft: Sendable {
    /// A half of the stream: what one side says on it.
    struct Half: Sendable {
        private(set) var headers: HTTP2HeaderText?
        private(set) var trailers: HTTP2HeaderText?
        var dataBytes: UInt64 = 0
        /// Those of a call; `nil` before the first, and where there is no call.
        private(set) var messages: GRPCMessageReader?
        /// Bytes of its header blocks.
        private var headerBytes = 0
        var range: Range<UInt64>?
        /// When its first header block came.
        var begun: Timestamp?
        /// When its sender had said all.
        var ended: Timestamp?

        var heldCount: Int { headerBytes + (messages?.heldCount ?? 0) }

        /// A header block; `nil` for one that announces another.
        mutating func add(_ text: HTTP2HeaderText?, _ range: Range<UInt64>, start: Timestamp) {
            cover(range)
            if begun == nil { begun = start }
            guard let text else { return }
            guard headers != nil else { return begin(text) }
            headerBytes += text.heldCount - (trailers?.heldCount ?? 0)
            trailers = text
        }

        mutating func begin(_ text: HTTP2HeaderText) {
            headerBytes += text.heldCount - (headers?.heldCount ?? 0)
            headers = text
        }

        mutating func end(at time: Timestamp) {
            if ended == nil { ended = time }
        }

        /// - Parameter grpc: what kind of call the data belongs to; `nil` when it is none.
        mutating func add(_ data: Span<UInt8>, _ range: Range<UInt64>, _ grpc: GRPCContentType?) {
            cover(range)
            dataBytes += UInt64(data.count)
            guard let grpc else { return }
            if messages == nil { messages = GRPCMessageReader() }
            if grpc.isText { messages?.add(base64: data) } else { messages?.add(data) }
        }

        /// Data is missing, and with it where messages begin.
        mutating func loseMessages() {
            if messages == nil { messages = GRPCMessageReader() }
            messages?.lose()
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
    /// What kind of call it is; `nil` when it is none.
    private(set) var grpc: GRPCContentType?
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
        get { direction == .clientToServer ? client : server }
        _modify {
            if direction == .clientToServer { yield &client } else { yield &server }
        }
    }

    /// Bytes that are kept for its event, and itself.
    var heldCount: Int { MemoryLayout<Self>.size + client.heldCount + server.heldCount }

    /// Both sides have said all.
    var isComplete: Bool { (client.ended != nil || isPushed) && server.ended != nil }

    // MARK: What happens on it

    /// A header block; the last thing that its sender says where it `endsStream`. Returns what it is: trailers, if headers have come
    /// before.
    @discardableResult
    mutating func add(
        _ text: HTTP2HeaderText, endsStream: Bool, _ direction: Direction, _ range: Range<UInt64>, start: Timestamp,
        at time: Timestamp
    ) -> HTTP2FieldRules.Block {
        let isInterim = !endsStream && text.isInterim
        if isInterim, interim.count < 20, let status = text.text(.status) { interim.append(status) }
        let isFirst = direction == .clientToServer ? client.headers == nil : server.headers == nil
        self[direction].add(isInterim ? nil : text, range, start: start)
        if endsStream { self[direction].end(at: time) }
        guard isFirst else { return .trailers }
        recognizeCall()
        return direction == .clientToServer ? .request : .response
    }

    /// The server promises to answer what it says the client would have asked (§8.4).
    mutating func promise(_ text: HTTP2HeaderText) {
        isPushed = true
        client.begin(text)
        recognizeCall()
    }

    /// The request says whether it is a call; where it was not seen, the answer does.
    private mutating func recognizeCall() { grpc = (client.headers ?? server.headers)?.grpc }

    mutating func add(data bytes: Span<UInt8>, _ direction: Direction, _ range: Range<UInt64>) {
        self[direction].add(bytes, range, grpc)
    }
}
