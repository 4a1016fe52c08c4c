import Protocols

/// Decides about each message of an HTTP/1 connection: one request at a time, each to the upstream that is there for it.
struct HTTPInterceptor: Interceptor {
    /// The upstream, as far as this connection knows.
    enum Upstream: Sendable, Equatable {
        case none
        case ready(isReused: Bool)
        case failed(UpstreamFailure)
    }

    /// How far the request that stands there has come before it may go.
    enum Clearance: Sendable, Equatable {
        case none
        case identified
        case allowed
    }

    let route: HTTPRoute
    var timeLimits = HTTPTimeLimits()
    /// Who makes the requests; changes with ``callers``.
    var caller: Identity
    /// `nil`: whoever the connection belongs to.
    var callers: (any HTTPCallers)?
    /// Which requests go to the upstream; `nil`: all.
    var directions: HTTPDirections?
    /// `nil`: everything is allowed.
    var judge: (any HTTPJudge)?
    /// What the request that waits has shown to prove who makes it.
    var credential: Secret?
    var clearance = Clearance.none
    /// Whom the last request came from, by the word of proxies that are believed.
    var way = HTTPWay()
    /// What of the request may go on; `nil`: all.
    var part: HTTPPart?
    /// What became of the question that the request waited for.
    var settlement: HTTPJudgement?
    /// The stream that its client reads meanwhile; `nil`: none, or it has become the upstream's answer.
    var hold: HTTPHold?
    /// What its client is told in the stream of its session meanwhile; `nil`: nothing.
    var signs: SignsOfLife?
    var upstream = Upstream.none
    /// The request that is under way.
    var exchange: HTTPExchange?
    /// Both sides speak WebSocket.
    var isUpgraded = false
    /// Whether the request that is judged comes in chunks.
    var isRequestChunked = false
    var facts: [ProxyAction] = []
    /// The MCP session that was noted last.
    var session: String?
    /// Looks for the session in the first event of a stream.
    var endpointSearch: SSEDecoder?
    private(set) var announcedEnd: String?

    init(_ route: HTTPRoute, caller: Identity) {
        self.route = route
        self.caller = caller
    }

    mutating func judge(
        _ message: HTTPMessage, _ bytes: Span<UInt8>, _ direction: Direction, isWhole: Bool
    ) -> Verdict {
        switch message {
        case .request(let head): judge(head, bytes, nil)
        case .response(let head): judge(head, bytes, nil)
        case .chunk(let chunk): judge(chunk, bytes, direction)
        case .chunkEnd: judgeFraming(direction)
        case .trailers(let fields): judge(trailers: fields, bytes, direction)
        case .frame: .forward
        }
    }

    mutating func judge(
        _ message: HTTPMessage, _ gathered: GatheredMessage, _ bytes: Span<UInt8>, _ direction: Direction
    ) -> Verdict {
        switch message {
        case .request(let head): judge(head, bytes, gathered)
        case .response(let head): judge(head, bytes, gathered)
        case .chunk, .chunkEnd, .trailers, .frame: .forward
        }
    }

    func endsGathering(_ message: HTTPMessage?, _ direction: Direction) -> Bool {
        switch message {
        case .trailers: true
        case nil: direction == .clientToServer ? !isRequestChunked : !(exchange?.isResponseChunked ?? false)
        default: false
        }
    }

    mutating func bodyEnded(_ direction: Direction) {
        guard !isUpgraded else { return }
        // A chunk's data is followed by more of the message.
        if direction == .clientToServer {
            if exchange?.isRequestChunked == false { requestEnded() }
        } else if exchange?.isResponseChunked == false {
            responseEnded()
        }
    }

    var hasFacts: Bool { !facts.isEmpty }

    mutating func takeFacts(into actions: inout [ProxyAction]) {
        actions += facts
        facts = []
    }

    func passesOpaque(_ reason: OpaqueReason) -> Bool { false }
}

// MARK: Ends

extension HTTPInterceptor {
    var isOver: Bool { announcedEnd != nil && exchange == nil }

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

    mutating func farewell(_ cause: FarewellCause) -> [UInt8] {
        announcedEnd = announcedEnd ?? cause.reason
        if let open = takeOpenHold() { return ownAnswers + open.ending(HTTPReply(cause)) }
        // Whoever waits for a response, or has said something that is none, is told; not who reads one, or rests.
        if isUpgraded || exchange?.response == .flowing { return [] }
        if exchange == nil, cause.isOurs { return [] }
        return HTTPReply(cause).bytes(isHead: exchange?.isHead ?? false)
    }

    /// The stream that the client reads already, to be ended or to become the answer.
    mutating func takeOpenHold() -> HTTPHold? {
        guard let hold, hold.isOpen else { return nil }
        self.hold = nil
        return hold
    }

    /// Both have been said: the next request may come, or none does.
    mutating func settleExchange() {
        guard exchange?.isComplete == true, let under = exchange.take() else { return }
        if under.closesUpstream { upstream = .none }
        if under.closesClient { announcedEnd = announcedEnd ?? "no further request is read" }
    }
}
