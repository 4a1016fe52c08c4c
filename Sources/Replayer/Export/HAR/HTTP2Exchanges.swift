import Protocols

/// The exchanges of an HTTP/2 connection: one for each stream, side by side (RFC 9113 §8.1).
struct HTTP2Exchanges: HARExchanges {
    typealias Decoder = HTTP2Decoder

    /// More than peers let each other have open; the oldest is then told as it stands.
    private static let openMaximum = 2000
    private static let hole = "bytes of the connection are missing from the recording, maybe of this"

    private(set) var heldCount = 0
    private var open: [UInt32: HARExchange] = [:]
    private var done: [HARExchange] = []
    /// Streams that were reset of late: what the other side sent before it knew (§5.1) begins no new one.
    private var reset: [UInt32] = []
    private static let resetsRemembered = 1000
    /// The DATA frame that a direction is in the middle of.
    private var data: [2 of Data?] = [nil, nil]

    private struct Data: Sendable {
        var stream: UInt32
        var endsStream: Bool
        /// Bytes of it that have not come.
        var left: UInt64
    }

    mutating func take(
        _ event: WireEvent<HTTP2Message>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp, room: Int
    ) {
        switch event {
        case .message(let message), .head(let message, _):
            let range = offset..<offset &+ UInt64(bytes.count)
            take(message, direction, range, start: start, at: time, room: room)
        case .body(let isLast): content(bytes, direction, offset, isLast: isLast, at: time, room: room)
        case .become: break
        case .opaque(let reason): abandon("from byte \(offset) on not readable: \(reason.rawValue)")
        }
    }

    private mutating func take(
        _ message: HTTP2Message, _ direction: Direction, _ range: Range<UInt64>, start: Timestamp, at time: Timestamp,
        room: Int
    ) {
        switch message {
        case .headers(let headers):
            let head = HARHead(headers.fields, at: range)
            begin(headers.stream, start, at: time)
            if direction == .clientToServer {
                ask(headers.stream, head, room: room)
            } else {
                answer(headers.stream, head, start, at: time)
            }
            if headers.endsStream { end(headers.stream, direction, at: time) }
        case .pushPromise(let promise):
            begin(promise.promised, start, at: time)
            ask(promise.promised, HARHead(promise.fields, at: range), room: room)
            change(promise.promised) { $0.comments.append("promised by the server on stream \(promise.stream)") }
            end(promise.promised, .clientToServer, at: time)
        case .data(let message):
            if message.count > 0 {
                data[direction.slot] = Data(
                    stream: message.stream, endsStream: message.endsStream, left: UInt64(message.count))
            } else if message.endsStream {
                end(message.stream, direction, at: time)
            }
        case .reset(let stream, let code):
            change(stream) { $0.comments.append("reset by the \(direction.sender): \(code.name)") }
            close(stream)
            if reset.count == Self.resetsRemembered { reset.removeFirst() }
            reset.append(stream)
        default: break
        }
    }

    // MARK: Heads

    /// What HTTP/1.1 has asked before the connection went over is stream 1 (RFC 7540 §3.2).
    mutating func begin(asked: HARExchange) {
        var exchange = HARExchange(asked.request, started: asked.started, at: asked.asked)
        exchange.requestBody = asked.requestBody
        exchange.isAsked = true
        exchange.comments.append("asked with HTTP/1.1, before the connection went over to HTTP/2")
        open[1] = exchange
        heldCount += exchange.heldCount
    }

    private mutating func begin(_ stream: UInt32, _ start: Timestamp, at time: Timestamp) {
        guard open[stream] == nil, !reset.contains(stream) else { return }
        if open.count >= Self.openMaximum, let oldest = open.keys.min() { close(oldest) }
        open[stream] = HARExchange(nil, started: start, at: time)
    }

    /// A second block of a request is its trailers (§8.1), which the format has no place for.
    private mutating func ask(_ stream: UInt32, _ head: HARHead, room: Int) {
        let left = room - heldCount
        change(stream) { exchange in
            guard exchange.request == nil, exchange.response == nil else { return }
            var request = HARExchange.Request(head)
            if request.heldCount > left {
                request.shorten()
                exchange.comments.append("its fields are left out: too many requests wait for their responses")
            }
            exchange.request = request
            exchange.isAsked = false
        }
    }

    private mutating func answer(_ stream: UInt32, _ head: HARHead, _ start: Timestamp, at time: Timestamp) {
        change(stream) { exchange in
            exchange.ended = time
            let status = head.value(":status").flatMap { Int($0) } ?? 0
            if exchange.response != nil {
                exchange.trailers = head
            } else if (100...199).contains(status) {
                exchange.answerAhead(status)
            } else {
                exchange.response = HARExchange.Response(head: head, status: status, reason: "", version: "HTTP/2")
                exchange.answering = start
            }
        }
    }

    // MARK: Contents

    private mutating func content(
        _ bytes: Span<UInt8>, _ direction: Direction, _ offset: UInt64, isLast: Bool, at time: Timestamp, room: Int
    ) {
        guard let frame = data[direction.slot] else { return }
        data[direction.slot] = isLast ? nil : frame
        data[direction.slot]?.left -= UInt64(bytes.count)
        let left = max(0, room - heldCount)
        change(frame.stream) { $0.append(bytes, direction, at: offset, room: left, at: time) }
        if isLast, frame.endsStream { end(frame.stream, direction, at: time) }
    }

    /// A hole within DATA is one in that content alone, as the decoder has it. Any other may concern every stream.
    mutating func gap(_ length: UInt64, _ direction: Direction, _ decoder: HTTP2Decoder, at time: Timestamp) {
        guard let frame = data[direction.slot], length > 0, length <= frame.left else {
            data[direction.slot] = nil
            for stream in open.keys {
                change(stream) { exchange in
                    guard !exchange.hasEnded(direction), !exchange.comments.contains(Self.hole) else { return }
                    exchange.comments.append(Self.hole)
                }
            }
            return
        }
        data[direction.slot]?.left -= length
        change(frame.stream) { $0.skip(length, direction) }
        guard length == frame.left else { return }
        data[direction.slot] = nil
        if frame.endsStream { end(frame.stream, direction, at: time) }
    }

    // MARK: Ends

    private mutating func end(_ stream: UInt32, _ direction: Direction, at time: Timestamp) {
        var isOver = false
        change(stream) { exchange in
            exchange.end(direction, at: time)
            isOver = exchange.isAsked && exchange.isAnswered
        }
        if isOver { close(stream) }
    }

    private mutating func close(_ stream: UInt32) {
        guard let exchange = open.removeValue(forKey: stream) else { return }
        heldCount -= exchange.heldCount
        done.append(exchange)
    }

    mutating func abandon(_ reason: String) {
        for stream in open.keys { open[stream]?.comments.append(reason) }
        finish()
    }

    mutating func finish() {
        for stream in open.keys.sorted() { close(stream) }
    }

    mutating func drain() -> [HARExchange] { exchange(&done, with: []) }

    /// Notes are on header blocks, and come behind them.
    mutating func annotation(_ note: Annotation) {
        let place = note.range.lowerBound
        let isMeant = { (exchange: HARExchange) in exchange.head(note.direction)?.range.contains(place) == true }
        if let index = done.lastIndex(where: isMeant) {
            done[index].notes.add(note)
        } else if let stream = open.first(where: { isMeant($0.value) })?.key {
            open[stream]?.notes.add(note)
        }
    }

    private mutating func change(_ stream: UInt32, _ change: (inout HARExchange) -> Void) {
        heldCount += open[stream]?.growth(by: change) ?? 0
    }
}

extension HARExchange.Request {
    /// What the pseudo-header fields say (RFC 9113 §8.3.1). CONNECT has no path (§8.5).
    fileprivate init(_ head: HARHead) {
        let method = head.value(":method") ?? ""
        let path = head.value(":path")
        let isConnect = method == "CONNECT" && path == nil
        self.init(
            head: head, method: method, target: Array((head.value(isConnect ? ":authority" : ":path") ?? "").utf8),
            form: isConnect ? .authority : path == "*" ? .asterisk : .origin, version: "HTTP/2")
    }
}
