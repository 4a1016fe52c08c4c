// An event stream with a content coding can be read once it has ended, or the connection has: its events are told then, with
// the place and the time of the response as a whole.

extension HTTPConversation {
    func tellCodedEvents<Primitives>(
        of exchange: HTTPExchange, at time: Timestamp, _ story: inout HTTPStory<Primitives>
    ) {
        guard exchange.responseContent.isCodedEventStream, let response = exchange.response else { return }
        let plain = exchange.responseContent.plain
        let range = response.range.lowerBound..<max(response.range.upperBound, exchange.responseEnd)
        var decoder = SSEDecoder(limit: plain.count)
        var events: [SSEEvent] = []
        decoder.read(plain.span) { if case .event(let event) = $0 { events.append(event) } }
        for event in events {
            let found = HTTPEventStream.Found(event: event, range: range, start: response.start)
            tell(found, of: exchange, at: time, &story)
        }
    }
}
