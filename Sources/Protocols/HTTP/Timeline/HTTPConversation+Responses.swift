// What is answered.

extension HTTPConversation {
    /// The head of a response.
    mutating func respond<Primitives>(
        _ text: HTTPHeadText, _ head: HTTPResponseHead, _ content: HTTPContent, at time: Timestamp,
        _ story: inout HTTPStory<Primitives>
    ) {
        var isKnown = false
        exchanges.changeAnswering { _ in isKnown = true }
        if !isKnown {
            // Its request lies before what is seen here.
            exchanges.append(
                HTTPExchange(
                    nil, HTTPContent(), ticket: story.events.open(), caller: caller, connection: connection))
        }
        var told: (EventQueue.Ticket, TimelineEvent)?
        var answered: HTTPExchange?
        let selection = story.selection
        exchanges.changeAnswering { exchange in
            guard !head.isInterim else {
                if exchange.interim.count < 10 { exchange.interim.append(.integer(Int64(head.status))) }
                return
            }
            exchange.response = text
            exchange.responseContent = content
            exchange.responseEnd = text.range.upperBound
            exchange.lastsUntilClose = head.framing == .untilClose
            if head.status == 101 { answered = exchange }
            guard content.isEventStream, head.framing != .none, head.framing != .length(0) else { return }
            exchange.events = HTTPEventStream()
            // A stream may last for hours: that it has begun is told at once, its events as they come.
            if let ticket = exchange.ticket {
                told = (ticket, exchange.event(at: time, isUnfinished: false, selection))
                exchange.ticket = nil
            }
        }
        if let told { story.events.close(told.0, told.1) }
        if let answered { upgrade(answered, at: time, story) }
    }

    mutating func responseContent<Primitives>(
        _ bytes: Span<UInt8>, _ range: Range<UInt64>, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        var found: [HTTPEventStream.Found] = []
        var current: HTTPExchange?
        exchanges.changeAnswering { exchange in
            exchange.responseEnd = range.upperBound
            guard exchange.events != nil else { return exchange.responseContent.take(bytes) }
            found = exchange.events?.take(bytes, at: range.lowerBound, time: time) ?? []
            if !found.isEmpty { current = exchange }
        }
        guard var current else { return }
        for event in found {
            // Revision 2024-11-05: where the client is to post to; the session stands in its query.
            if event.event.type == "endpoint" {
                let target = DisplayText.decode(event.event.data.span, limit: HTTPHeadText.targetShown)
                current.begunSession = MCPSessionKey.inTarget(target.utf8.span)
                exchanges.changeAnswering { $0.begunSession = current.begunSession }
            }
            tell(event, of: current, at: time, &story)
        }
    }

    /// One event of a stream: what it says in JSON-RPC, or itself.
    func tell<Primitives>(
        _ found: HTTPEventStream.Found, of exchange: HTTPExchange, at time: Timestamp,
        _ story: inout HTTPStory<Primitives>
    ) {
        let data = found.event.data.span
        if !found.event.isCut, JSONRPCContent.mayBegin(data), let content = try? JSONRPCContent(data) {
            return tell(content, answering: exchange, found.range, start: found.start, at: time, &story)
        }
        // An empty event only gives an id to resume from.
        guard !found.event.data.isEmpty else { return }
        let text = DisplayText.decode(data, limit: MCPText.shown)
        var event = TimelineEvent(
            sequence: 0, start: found.start, stream: connection, kind: "sse.event",
            title: MCPText.bounded(text, limit: 200),
            response: found.range)
        if found.event.type != "message" { event.add("event", .text(MCPText.bounded(found.event.type, limit: 200))) }
        if !found.event.lastEventID.isEmpty {
            event.add("id", .text(MCPText.bounded(found.event.lastEventID, limit: 200)))
        }
        if text.utf8.count > 200 { event.add("data", .text(text)) }
        story.events.add(event)
    }

    /// The messages of a response or of an event in it: answers to what it was asked, and what the server asks itself.
    private func tell<Primitives>(
        _ content: JSONRPCContent, answering exchange: HTTPExchange, _ range: Range<UInt64>, start: Timestamp,
        at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        var place = MCPPlace(
            scope: exchange.scope, connection: connection, direction: .serverToClient, range: range,
            start: start, end: time)
        place.isMCP = exchange.request?.isMCP ?? false || exchange.response?.isMCP ?? false
        for message in content.messages {
            switch message {
            case .request(let id, let call):
                _ = story.mcp.ask(id, call, story.events.open(), at: place, &story.events)
            case .notification(let call): story.mcp.notify(call, story.events.open(), at: place, &story.events)
            case .result, .failure:
                var answer = place
                answer.fields = exchange.carrier(withResponse: true)
                story.mcp.answer(message, candidates: exchange.calls, nil, at: answer, &story.events)
            }
        }
    }

    // MARK: Ends

    mutating func endResponse<Primitives>(
        _ end: UInt64, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        let ended = exchanges.endResponse { exchange in
            exchange.responseEnd = end
            exchange.responseContent.decode(Primitives.self)
        }
        guard let exchange = ended, let response = exchange.response else { return }
        let range = response.range.lowerBound..<end
        if let content = exchange.responseContent.rpc, exchange.carriesRPC || exchange.ticket == nil {
            tell(content, answering: exchange, range, start: response.start, at: time, &story)
        }
        if let ticket = exchange.ticket {
            story.events.close(ticket, exchange.event(at: time, isUnfinished: false, story.selection))
        }
        if let stream = exchange.events, !exchange.carriesRPC { endStream(stream, range, response, at: time, &story) }
        tellCodedEvents(of: exchange, at: time, &story)
        settle(exchange, range, at: time, &story)
        exchanges.removeEnded()
    }

    private func endStream<Primitives>(
        _ stream: HTTPEventStream, _ range: Range<UInt64>, _ response: HTTPHeadText, at time: Timestamp,
        _ story: inout HTTPStory<Primitives>
    ) {
        let count = stream.eventCount
        var event = TimelineEvent(
            sequence: 0, start: time, stream: connection, kind: "sse.end",
            title: "the event stream ends after \(count) event\(count == 1 ? "" : "s")", response: range)
        if stream.commentCount > 0 { event.add("comments", .integer(Int64(clamping: stream.commentCount))) }
        story.events.add(event)
    }

    /// The response is over, and so are the calls that it has not answered, unless the answer may come elsewhere.
    private func settle<Primitives>(
        _ exchange: HTTPExchange, _ range: Range<UInt64>, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        guard !exchange.calls.isEmpty, let response = exchange.response else { return }
        let mayComeElsewhere = response.status == 202 || exchange.events != nil
        if story.seesSession, mayComeElsewhere { return }
        var place = MCPPlace(
            scope: exchange.scope, connection: connection, direction: .serverToClient, range: range,
            start: response.start, end: time)
        place.fields = exchange.carrier(withResponse: true)
        var ending = MCPEnding(outcome: .unfinished, place: place)
        if response.status >= 400 {
            let text = exchange.responseContent.shown ?? response.reason
            ending.outcome = .failed(code: "HTTP \(response.status)", message: text)
        } else if response.status == 202 {
            ending.outcome = .none
            ending.fields = [.init("answer", .text("on another connection"))]
        } else if exchange.responseContent.count > 0 {
            ending.outcome = .none
            ending.fields = [.init("answer", .text(unread(exchange.responseContent)))]
        }
        for call in exchange.calls { story.mcp.close(call, ending, at: time, &story.events) }
    }

    /// Why an answer could not be read.
    private func unread(_ content: HTTPContent) -> String {
        if content.hasHole { return "not read: part of it is missing" }
        if content.isEncoded, content.plain.isEmpty { return "not read: it is encoded as \(content.coding)" }
        guard content.isWhole else { return "not read: \(content.count) bytes are too many" }
        do throws(JSONFault) {
            _ = try JSONRPCContent(content.plain.span)
            return "not read: it is no answer to this call"
        } catch { return "not read: \(error)" }
    }
}
