// Behind a 101 to "h2c", HTTP/2 is spoken (RFC 7540 §3.2): it begins with the answer to the request that asked for it.

extension HTTPConversation {
    /// What the server has agreed to.
    mutating func upgrade<Primitives>(_ exchange: HTTPExchange, at time: Timestamp, _ story: HTTPStory<Primitives>) {
        guard let request = exchange.request, let range = exchange.requestRange, request.upgrade == .h2c,
            exchange.requestHasEnded, let response = exchange.response
        else { return webSocket = HTTPWebSocket(connection: connection) }
        let upgrade = HTTP2Upgrade(
            fields: request.http2Fields, contentBytes: exchange.requestContent.count, settings: request.http2Settings,
            range: range, start: request.start, end: time)
        var offsets = StreamOffsets()
        offsets[.clientToServer] = range.upperBound
        offsets[.serverToClient] = response.range.upperBound
        http2 = HTTP2Timeline<Primitives>(
            upgrade, offsets: offsets, limits: story.limits, selection: story.selection)
    }

    /// Lets the HTTP/2 behind an upgrade, if there is any, take what concerns it.
    mutating func tell<Primitives>(
        _ story: inout HTTPStory<Primitives>, _ act: (inout any TimelineBuilder) -> Void
    ) {
        guard http2 != nil else { return }
        act(&http2!)
        for event in http2!.drain() { story.events.add(event) }
    }
}

extension HTTPHeadText {
    /// The request as HTTP/2 would have it: without what is said about the HTTP/1.1 connection (RFC 9113 §8.2.2, §8.3.1).
    fileprivate var http2Fields: [HPACKField] {
        var fields = [HPACKField(":method", method), HPACKField(":scheme", "http"), HPACKField(":path", target)]
        if let host { fields.append(HPACKField(":authority", host)) }
        for (name, value) in texts where !Self.connectionFields.contains(name) {
            fields.append(HPACKField(name, value))
        }
        return fields
    }

    fileprivate var http2Settings: [HTTP2Setting] {
        texts.first { $0.name == "http2-settings" }.map { HTTP2Setting.list($0.value) } ?? []
    }

    private static var connectionFields: Set<String> {
        ["connection", "host", "http2-settings", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]
    }

    /// Names in lower case, and values.
    private var texts: [(name: String, value: String)] {
        fields.values.compactMap { row in
            guard case .text(let name) = row[0], case .text(let value) = row[1] else { return nil }
            return (name.lowercased(), value)
        }
    }
}
