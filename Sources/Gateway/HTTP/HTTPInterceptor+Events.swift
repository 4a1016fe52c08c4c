import Protocols

// Event streams that pass event by event, as rules let them.

extension HTTPInterceptor {
    mutating func replacement(
        ofBody piece: Span<UInt8>, _ direction: Direction
    ) -> (bytes: [UInt8], reason: String)? {
        guard direction == .serverToClient, var edit = exchange?.edit else { return nil }
        let mayNameEndpoint = exchange?.mayNameEndpoint ?? false
        searchEndpoint(piece)
        var content: [UInt8] = []
        var isChanged = false
        for found in edit.blocks.take(piece) {
            guard case .block(let block) = found else {
                content += EventStreamEdit.withheld
                isChanged = true
                continue
            }
            switch judge?.edit(events: block) ?? .unchanged {
            case .unchanged:
                let new = mayNameEndpoint ? endpoint(in: block) : nil
                content += new ?? block
                isChanged = isChanged || new != nil
            case .edited(let new, _):
                content += new
                isChanged = true
            case .refused:
                content += EventStreamEdit.withheld
                isChanged = true
            }
        }
        exchange?.edit = edit
        return (edit.framed(content), isChanged ? "events as they are meant for the client" : "whole events")
    }

    /// Whole events have passed, so that others may stand between them.
    func framed(_ words: [UInt8]) -> [UInt8] { exchange?.edit?.framed(words) ?? [] }

    /// The event with which a stream of revision 2024-11-05 names where clients POST, as that is called here.
    private func endpoint(in block: [UInt8]) -> [UInt8]? {
        var decoder = SSEDecoder(limit: block.count)
        var event: SSEEvent?
        decoder.read(block.span) { if case .event(let found) = $0 { event = found } }
        guard let event, event.type == "endpoint",
            let reference = route.reference(fromServer: String(decoding: event.data, as: UTF8.self))
        else { return nil }
        return SSEEvent.encode(Array(reference.utf8).span, type: event.type)
    }

}

extension EventStreamEdit {
    /// `nil` for a stream that is short enough to be read as a whole.
    init?(_ head: HTTPResponseHead, limit: Int, for version: HTTPVersion) {
        if case .length = head.framing { return nil }
        self.init(blocks: EventBlocks(limit: limit), isChunked: head.framing == .chunked && version == .http11)
    }
}
