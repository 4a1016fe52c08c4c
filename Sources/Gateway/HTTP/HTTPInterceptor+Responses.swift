import Protocols

extension HTTPInterceptor {
    mutating func judge(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage?
    ) -> Verdict {
        guard let version = exchange?.version else {
            return .end(
                farewell: farewell(.upstreamGone), secrets: head.fields.secrets(in: bytes, route.querySecrets),
                reason: "the upstream answers what it was not asked")
        }
        if hold?.isOpen == true { return carryOn(head, bytes, gathered) }
        if head.isInterim {
            // RFC 9110 §15.2: HTTP/1.0 knows none.
            guard version == .http11 else { return .swallow(secrets: [], reason: "HTTP/1.0 knows no 1xx") }
            return route.verdict(on: head, closes: false, version, bytes)
        }
        if head.status == 101 { return upgrade(head, bytes, version) }
        noteSession(of: head, bytes.extracting(gathered?.head ?? 0..<bytes.count))
        exchange?.isResponseChunked = head.framing == .chunked
        if let part = exchange?.part, let verdict = judge(head, bytes, gathered, part) { return verdict }
        if let gathered { return edit(head, bytes, gathered) }
        switch judge?.sight(of: head, bytes) {
        case nil, .head:
            if exchange?.mayNameEndpoint == true, head.isEvents(bytes), !head.isCoded {
                exchange?.edit = EventStreamEdit(head, limit: Self.answerMaximum, for: version)
            }
            return begin(head, bytes)
        case _ where !head.hasContent:
            return begin(head, bytes)
        case .events(let limit):
            guard let edit = EventStreamEdit(head, limit: limit, for: version) else {
                return .gather(limit: limit, words: [])
            }
            guard !head.isCoded else {
                exchange?.response = .flowing
                defer { responseEnded() }
                return withhold(head, bytes, "compressed, though that was not asked for")
            }
            exchange?.edit = edit
            return begin(head, bytes)
        case .content(let limit): return .gather(limit: limit, words: [])
        }
    }

    private mutating func upgrade(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ version: HTTPVersion
    ) -> Verdict {
        let objection: String? =
            if let handshake = exchange?.handshake {
                handshake.objection(to: head, bytes)
            } else {
                "no WebSocket was asked for"
            }
        if let objection {
            let reply = HTTPReply(502, "the upstream's answer to the WebSocket handshake is refused: \(objection)")
            return .end(
                farewell: reply.bytes(isHead: false), secrets: head.fields.secrets(in: bytes, route.querySecrets),
                reason: reply.text)
        }
        isUpgraded = true
        exchange = nil
        return route.verdict(on: head, closes: false, version, bytes)
    }

    mutating func begin(_ head: HTTPResponseHead, _ bytes: Span<UInt8>) -> Verdict {
        exchange?.responseBegins(head)
        guard let closes = exchange?.closesClient, let version = exchange?.version else { return .forward }
        let verdict = route.verdict(on: head, closes: closes, version, bytes)
        if !head.hasContent { responseEnded() }
        return verdict
    }

    /// The response passes as the rules let it.
    private mutating func edit(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage
    ) -> Verdict {
        guard let under = exchange else { return .forward }
        let content = gathered.content(of: bytes)
        let edit: HTTPEdit =
            gathered.isComplete ? judge?.edit(content, of: head) ?? .unchanged : .refused(rule: "too long to be read")
        exchange?.response = .flowing
        exchange?.closesUpstream = head.isLast || !gathered.isComplete
        defer { responseEnded() }
        let headBytes = bytes.extracting(gathered.head)
        switch edit {
        case .unchanged:
            return route.verdict(on: head, closes: under.closesClient, under.version, headBytes, content)
        case .edited(let new, _):
            return route.verdict(on: head, closes: under.closesClient, under.version, headBytes, new)
        case .refused(let rule): return withhold(head, headBytes, rule)
        }
    }

    mutating func withhold(_ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ rule: String) -> Verdict {
        exchange?.closesClient = true
        exchange?.closesUpstream = true
        let reply = HTTPReply(502, "the response is withheld: \(rule)").bytes(isHead: exchange?.isHead ?? false)
        return .refuse(
            Reply([], instead: reply, rule: rule, originalSecrets: head.fields.secrets(in: bytes, route.querySecrets)))
    }

    mutating func responseEnded() {
        guard exchange?.response == .flowing else { return }
        exchange?.response = .complete
        if exchange?.edit != nil { judge?.streamEnded() }
        // RFC 9112 §9.5: what is left of a request that was answered early is of no use to anybody.
        if exchange?.request == .flowing {
            exchange?.closesClient = true
            exchange?.closesUpstream = true
            exchange?.request = .complete
        }
        settleExchange()
    }
}

extension HTTPRoute {
    /// What becomes of a response's head; of the route alone, since whoever asks is being changed.
    func verdict(
        on head: HTTPResponseHead, closes: Bool, _ version: HTTPVersion, _ bytes: Span<UInt8>, _ content: [UInt8]? = nil
    ) -> Verdict {
        if let new = rewrite(head, closes: closes, for: version, bytes, content: content) { return .replace(new) }
        return passing(head.fields, bytes)
    }

    /// Fields that go on as they came.
    func passing(_ fields: HTTPFields, _ bytes: Span<UInt8>) -> Verdict {
        let secrets = fields.secrets(in: bytes, querySecrets)
        return secrets.isEmpty ? .forward : .forwardRedacted(secrets, reason: "cookies, or credentials in a query")
    }
}

extension HTTPResponseHead {
    var hasContent: Bool { framing != .none && framing != .length(0) }
}
