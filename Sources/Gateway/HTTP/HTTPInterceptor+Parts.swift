import Protocols

// The answer to a batch of which only a part went on: the client gets the gateway's own answers with it.

extension HTTPInterceptor {
    /// The gateway's own answers, as a chunk of a stream.
    var ownAnswers: [UInt8] {
        let events = (part ?? exchange?.part)?.events ?? []
        return events.isEmpty ? [] : HTTPChunkEncoder.chunk(events)
    }

    /// `nil` where the response passes as any other: one that has failed as a whole.
    mutating func judge(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ gathered: GatheredMessage?, _ part: HTTPPart
    ) -> Verdict? {
        guard (200..<300).contains(head.status), !part.answers.isEmpty else { return nil }
        let headBytes = bytes.extracting(gathered?.head ?? 0..<bytes.count)
        let isEvents = head.isEvents(headBytes)
        if isEvents, !head.framing.isLength { return begin(head, headBytes, behind: part.events) }
        if head.hasContent, gathered == nil { return .gather(limit: Self.answerMaximum, words: []) }
        exchange?.response = .flowing
        exchange?.closesUpstream = head.isLast
        guard let gathered else { return answer(head, headBytes, part.merged(with: []) ?? []) }
        defer { responseEnded() }
        let content = gathered.isComplete ? edited(gathered.content(of: bytes), of: head, headBytes) : nil
        guard let merged = content.flatMap({ isEvents ? part.events + $0 : part.merged(with: $0) }) else {
            return withhold(head, headBytes, "answers to a batch that cannot be read")
        }
        return route.verdict(
            on: head, closes: exchange?.closesClient ?? true, exchange?.version ?? .http11, headBytes, merged)
    }

    /// The server had nothing to say of what is left, as of notifications.
    private mutating func answer(_ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ content: [UInt8]) -> Verdict {
        var reply = HTTPReply(.json(200, content), "the gateway's answers")
        reply.closes = exchange?.closesClient ?? true
        responseEnded()
        let secrets = head.fields.secrets(in: bytes, route.querySecrets)
        return .replace(
            Replacement(reply.bytes(isHead: false), originalSecrets: secrets, reason: "the gateway's answers alone"))
    }

    /// A stream begins with the gateway's own answers.
    private mutating func begin(_ head: HTTPResponseHead, _ bytes: Span<UInt8>, behind events: [UInt8]) -> Verdict {
        guard !head.isCoded else {
            exchange?.response = .flowing
            defer { responseEnded() }
            return withhold(head, bytes, "compressed, though that was not asked for")
        }
        if case .events(let limit)? = judge?.sight(of: head, bytes), let under = exchange {
            exchange?.edit = EventStreamEdit(head, limit: limit, for: under.version)
        }
        let verdict = begin(head, bytes)
        let isChunked = exchange?.isResponseChunked == true && exchange?.unchunks == false
        let own = isChunked ? HTTPChunkEncoder.chunk(events) : events
        switch verdict {
        case .replace(var new):
            new.bytes += own
            return .replace(new)
        default:
            let secrets = head.fields.secrets(in: bytes, route.querySecrets)
            return .replace(
                Replacement(
                    [UInt8](copying: bytes) + own, originalSecrets: secrets, secrets: secrets,
                    reason: "the gateway's answers first", keepsBody: true))
        }
    }
}

extension HTTPFraming {
    fileprivate var isLength: Bool { if case .length = self { true } else { false } }
}
