// What is asked: a request is told with its response, unless its content is JSON-RPC.

extension HTTPConversation {
    mutating func endRequest<Primitives>(
        _ end: UInt64, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        exchanges.changeAsking { exchange in
            exchange.requestEnd = end
            exchange.requestHasEnded = true
            exchange.requestContent.decode(Primitives.self)
            if let content = exchange.requestContent.rpc { exchange.ask(content, at: time, &story) }
        }
        exchanges.removeEnded()
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

extension HTTPExchange {
    /// The messages of a request: calls wait for the response, answers belong to calls of the server.
    fileprivate mutating func ask<Primitives>(
        _ content: JSONRPCContent, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        guard let request, let range = requestRange else { return }
        carriesRPC = true
        var place = MCPPlace(
            scope: scope, connection: connection, direction: .clientToServer, range: range, start: request.start,
            end: time)
        place.isMCP = request.isMCP
        place.fields = carrier(withResponse: false)
        for message in content.messages {
            // The first message takes the request's place in the order.
            let ticket = exchange(&ticket, with: nil) ?? story.events.open()
            switch message {
            case .request(let id, let call):
                let key = story.mcp.ask(id, call, ticket, at: place, &story.events)
                calls.append(key)
                if let refusal { story.mcp.refuse(key, refusal) }
            case .notification(let call): story.mcp.notify(call, ticket, at: place, &story.events)
            case .result, .failure: story.mcp.answer(message, candidates: [], ticket, at: place, &story.events)
            }
        }
    }
}
