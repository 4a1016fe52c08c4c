import Protocols

// Event streams that pass event by event, as rules let them.

extension HTTPInterceptor {
    mutating func replacement(
        ofBody piece: Span<UInt8>, _ direction: Direction
    ) -> (bytes: [UInt8], reason: String)? {
        guard direction == .serverToClient, var edit = exchange?.edit else { return nil }
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
            case .unchanged: content += block
            case .edited(let new, _):
                content += new
                isChanged = true
            case .refused:
                content += EventStreamEdit.withheld
                isChanged = true
            }
        }
        exchange?.edit = edit
        return (edit.framed(content), isChanged ? "events as the rules let them pass" : "whole events")
    }

}

extension EventStreamEdit {
    /// `nil` for a stream that is short enough to be read as a whole.
    init?(_ head: HTTPResponseHead, limit: Int, for version: HTTPVersion) {
        if case .length = head.framing { return nil }
        self.init(blocks: EventBlocks(limit: limit), isChunked: head.framing == .chunked && version == .http11)
    }
}
