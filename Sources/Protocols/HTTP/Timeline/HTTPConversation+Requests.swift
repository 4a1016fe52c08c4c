// What is asked: a request is told with its response, unless its content is JSON-RPC.

extension HTTPConversation {
    mutating func endRequest<Primitives>(
        _ end: UInt64, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        guard var exchange = exchanges.asking else { return }
        exchange.requestEnd = end
        exchange.requestHasEnded = true
        exchange.requestContent.decode(Primitives.self)
        if let content = rpc(exchange.requestContent) { tell(content, asking: &exchange, at: time, &story) }
        exchanges.replaceNewest(exchange)
        exchanges.removeEnded()
    }

    /// What a content says in JSON-RPC; `nil` for everything else.
    func rpc(_ content: HTTPContent) -> JSONRPCContent? {
        guard content.mayBeRPC else { return nil }
        return try? JSONRPCContent(content.plain.span)
    }

    /// The messages of a request: calls wait for the response, answers belong to calls of the server.
    private func tell<Primitives>(
        _ content: JSONRPCContent, asking exchange: inout HTTPExchange, at time: Timestamp,
        _ story: inout HTTPStory<Primitives>
    ) {
        guard let request = exchange.request, let range = exchange.requestRange else { return }
        exchange.carriesRPC = true
        var place = MCPPlace(
            scope: scope(of: exchange), connection: connection, direction: .clientToServer, range: range,
            start: request.start, end: time)
        place.isMCP = request.isMCP
        place.fields = exchange.carrier(withResponse: false)
        for message in content.messages {
            // The first message takes the request's place in the order.
            let ticket = exchange.ticket ?? story.events.open()
            exchange.ticket = nil
            switch message {
            case .request(let id, let call):
                let key = story.mcp.ask(id, call, ticket, at: place, &story.events)
                exchange.calls.append(key)
                if let refusal = exchange.refusal { story.mcp.refuse(key, refusal) }
            case .notification(let call): story.mcp.notify(call, ticket, at: place, &story.events)
            case .result, .failure: story.mcp.answer(message, candidates: [], ticket, at: place, &story.events)
            }
        }
    }

    /// The MCP session of an exchange: by its header, or as 2024-11-05 has it, in the query.
    func scope(of exchange: HTTPExchange) -> MCPScope {
        let told = exchange.request?.session ?? exchange.response?.session ?? exchange.begunSession
        let session = told ?? exchange.request.flatMap { MCPSessionKey.inTarget($0.target.utf8.span) }
        return session.map { .session($0) } ?? .connection(connection)
    }

    /// A rule refuses what the range asks for.
    mutating func refuse<Primitives>(
        _ range: Range<UInt64>, _ rule: String, _ story: inout HTTPStory<Primitives>
    ) {
        var calls: [MCPCallKey] = []
        exchanges.change(overlapping: range) { exchange in
            exchange.refusal = rule
            calls += exchange.calls
        }
        for call in calls { story.mcp.refuse(call, rule) }
    }
}
