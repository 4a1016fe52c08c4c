import Protocols

/// Decides about each message of an HTTP/1 connection: one request at a time, each to the upstream that is there for it.
struct HTTPInterceptor: Interceptor {
    /// The upstream, as far as this connection knows.
    enum Upstream: Sendable, Equatable {
        case none
        case ready(isReused: Bool)
        case failed(UpstreamFailure)
    }

    let route: HTTPRoute
    private var upstream = Upstream.none
    /// The request that is under way.
    private var exchange: HTTPExchange?
    /// Both sides speak WebSocket.
    private var isUpgraded = false
    private(set) var announcedEnd: String?

    init(_ route: HTTPRoute) { self.route = route }

    mutating func judge(
        _ message: HTTPMessage, _ bytes: Span<UInt8>, _ direction: Direction, isWhole: Bool
    ) -> Verdict {
        switch message {
        case .request(let head): judge(head, bytes)
        case .response(let head): judge(head, bytes)
        case .chunk(let chunk): judge(chunk, bytes, direction)
        case .chunkEnd: framing(direction)
        case .trailers(let fields): judge(trailers: fields, bytes, direction)
        case .frame: .forward
        }
    }

    mutating func bodyEnded(_ direction: Direction) {
        // A chunk's data is followed by more of the message.
        guard case .some(let under) = exchange, !isUpgraded else { return }
        if direction == .clientToServer {
            if !under.isRequestChunked { requestEnded() }
        } else if !under.isResponseChunked {
            responseEnded()
        }
    }

    // MARK: Ends

    var isOver: Bool { exchange == nil && announcedEnd != nil }

    var isAtRest: Bool { exchange == nil && !isUpgraded }

    var isUpstreamReusable: Bool {
        guard case .ready = upstream else { return false }
        return isAtRest
    }

    mutating func reached(_ outcome: UpstreamReach) {
        switch outcome {
        case .reached(let isReused): upstream = .ready(isReused: isReused)
        case .failed(let failure): upstream = .failed(failure)
        }
    }

    mutating func clientEnded() -> String? {
        let reason = isAtRest ? "the client closed the connection" : "the client left before its response was complete"
        announcedEnd = announcedEnd ?? reason
        return reason
    }

    mutating func upstreamEnded() -> UpstreamEnd {
        defer { upstream = .none }
        if isUpgraded { return .completes(reason: "the upstream closed the WebSocket") }
        guard let under = exchange else { return .leavesConnection }
        if under.lastsUntilClose { return .completes(reason: "the upstream's response lasted until its end") }
        guard under.response == .awaited, let words = under.resend else { return .endsConnection }
        exchange?.resend = nil
        return .resend(words.bytes, secrets: words.secrets)
    }

    func passesOpaque(_ reason: OpaqueReason) -> Bool { false }

    mutating func farewell(_ cause: FarewellCause) -> [UInt8] {
        announcedEnd = announcedEnd ?? cause.reason
        // Whoever waits for a response, or has said something that is none, is told; not who reads one, or rests.
        if isUpgraded || exchange?.response == .flowing { return [] }
        if exchange == nil, cause.isOurs { return [] }
        return HTTPReply(cause).bytes(isHead: exchange?.isHead ?? false)
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> Verdict { .forward }

    func notice(of question: Question, number: UInt64) -> [UInt8] { [] }
}

// MARK: Requests

extension HTTPInterceptor {
    private mutating func judge(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> Verdict {
        if let refusal = refusal(of: head) { return answer(head, bytes, refusal) }
        switch upstream {
        case .none:
            return .reach
        case .failed(let failure):
            upstream = .none
            return answer(head, bytes, HTTPReply(failure))
        case .ready(let isReused):
            var under = HTTPExchange(head)
            let new = route.rewrite(head, bytes)
            if isReused, head.isIdempotent, !head.hasContent { under.resend = new }
            exchange = under
            return .replace(new)
        }
    }

    private func refusal(of head: HTTPRequestHead) -> HTTPReply? {
        switch head.method {
        case .connect: HTTPReply(405, "CONNECT is refused: this is no proxy for other servers")
        // Its response would hold what the gateway adds, and what browsers hide from scripts (RFC 9110 §9.3.8).
        case .trace: HTTPReply(405, "TRACE is refused")
        default: nil
        }
    }

    /// The gateway answers in the upstream's place. A connection whose request has content ends with that: whoever waits to
    /// be told that its content is welcome (RFC 9110 §10.1.1) may send it, or not.
    private mutating func answer(_ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ reply: HTTPReply) -> Verdict {
        var reply = reply
        var under = HTTPExchange(head)
        reply.closes = reply.closes || head.isLast || head.hasContent
        under.closesClient = reply.closes
        under.response = .complete
        under.request = .complete
        exchange = under
        settleExchange(reply.text)
        var secrets: [Range<Int>] = []
        for field in head.fields where field.name.isSecret { secrets.append(field.secretRange(in: bytes)) }
        return .answer(reply.bytes(isHead: under.isHead), secrets: secrets, reason: reply.text)
    }

    private mutating func requestEnded() {
        guard exchange?.request == .flowing else { return }
        exchange?.request = .complete
        settleExchange("the client asked for no more")
    }
}

// MARK: Responses

extension HTTPInterceptor {
    private mutating func judge(_ head: HTTPResponseHead, _ bytes: Span<UInt8>) -> Verdict {
        guard var under = exchange else { return .forward }
        if head.isInterim {
            // RFC 9110 §15.2: HTTP/1.0 knows none.
            guard under.version == .http11 else { return .swallow(secrets: [], reason: "HTTP/1.0 knows no 1xx") }
            return replace(head, closes: false, under.version, bytes)
        }
        if head.status == 101 {
            isUpgraded = true
            exchange = nil
            return replace(head, closes: false, under.version, bytes)
        }
        under.response = .flowing
        under.resend = nil
        under.isResponseChunked = head.framing == .chunked
        under.unchunks = under.isResponseChunked && under.version == .http10
        under.lastsUntilClose = head.framing == .untilClose
        under.closesUpstream = head.isLast
        under.closesClient = under.closesClient || under.lastsUntilClose || under.unchunks
        exchange = under
        let verdict = replace(head, closes: under.closesClient, under.version, bytes)
        if head.framing == .none || head.framing == .length(0) { responseEnded() }
        return verdict
    }

    private func replace(
        _ head: HTTPResponseHead, closes: Bool, _ version: HTTPVersion, _ bytes: Span<UInt8>
    ) -> Verdict {
        if let new = route.rewrite(head, closes: closes, for: version, bytes) { return .replace(new) }
        guard head.fields.contains(.setCookie) else { return .forward }
        var secrets: [Range<Int>] = []
        for field in head.fields where field.name.isSecret { secrets.append(field.secretRange(in: bytes)) }
        return .forwardRedacted(secrets, reason: "a cookie")
    }

    private mutating func responseEnded() {
        guard exchange?.response == .flowing else { return }
        exchange?.response = .complete
        // RFC 9112 §9.5: what is left of a request that was answered early is of no use to anybody.
        if exchange?.request == .flowing {
            exchange?.closesClient = true
            exchange?.request = .complete
        }
        settleExchange("the client asked for no more")
    }

    /// Both have been said: the next request may come, or none does.
    private mutating func settleExchange(_ reason: String) {
        guard let under = exchange, under.isComplete else { return }
        exchange = nil
        if under.closesUpstream { upstream = .none }
        if under.closesClient { announcedEnd = announcedEnd ?? reason }
    }
}

// MARK: Chunks (RFC 9112 §7.1)

extension HTTPInterceptor {
    private func judge(_ chunk: HTTPChunk, _ bytes: Span<UInt8>, _ direction: Direction) -> Verdict {
        if isUnchunking(direction) { return Self.leftOut }
        let line = Array("\(String(chunk.size, radix: 16))\r\n".utf8)
        if bytes.count == line.count { return .forward }
        return .replace(Replacement(line, reason: "the chunk's size alone", keepsBody: true))
    }

    private func framing(_ direction: Direction) -> Verdict {
        isUnchunking(direction) ? Self.leftOut : .forward
    }

    private mutating func judge(
        trailers: HTTPFields, _ bytes: Span<UInt8>, _ direction: Direction
    ) -> Verdict {
        var verdict = framing(direction)
        if verdict == .forward, trailers.isEmpty, bytes.count != 5 {
            verdict = .replace(Replacement(Array("0\r\n\r\n".utf8), reason: "the last chunk's size alone"))
        }
        if direction == .clientToServer { requestEnded() } else { responseEnded() }
        return verdict
    }

    private static var leftOut: Verdict {
        .replace(Replacement([], reason: "HTTP/1.0 knows no chunks", keepsBody: true))
    }

    private func isUnchunking(_ direction: Direction) -> Bool {
        direction == .serverToClient && exchange?.unchunks == true
    }
}
