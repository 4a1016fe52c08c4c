/// An event stream within a response, and where in the connection's stream its events stand.
struct HTTPEventStream: Sendable {
    /// One event: its data, its bytes in the server's stream, and when it began.
    struct Found: Sendable {
        var event: SSEEvent
        var range: Range<UInt64>
        var start: Timestamp
    }

    /// A run of content without chunk framing in between.
    private struct Piece: Sendable {
        /// Its first byte, counted in content and in the server's stream.
        var content: UInt64
        var offset: UInt64
        var time: Timestamp
    }

    private static let dataMaximum = 4 << 20
    /// Pieces of one event that are told apart.
    private static let piecesMaximum = 64

    private var decoder = SSEDecoder(limit: Self.dataMaximum)
    private var contentCount: UInt64 = 0
    /// From the one in which the event at hand may have begun.
    private var pieces: [Piece] = []
    private(set) var eventCount: UInt64 = 0
    private(set) var commentCount: UInt64 = 0

    mutating func take(_ bytes: Span<UInt8>, at offset: UInt64, time: Timestamp) -> [Found] {
        if decoder.isBetweenEvents { pieces.removeAll(keepingCapacity: true) }
        if !continuesPiece(at: offset, time) {
            // Of a long event the first pieces matter, and the last.
            if pieces.count >= Self.piecesMaximum { pieces.removeLast() }
            pieces.append(Piece(content: contentCount, offset: offset, time: time))
        }
        var events: [SSEEvent] = []
        var comments: UInt64 = 0
        decoder.read(bytes) { item in
            switch item {
            case .event(let event): events.append(event)
            case .comment: comments += 1
            case .retry: break
            }
        }
        contentCount &+= UInt64(bytes.count)
        eventCount &+= UInt64(events.count)
        commentCount &+= comments
        let found = events.map { self.found($0) }
        if !found.isEmpty { pieces.removeFirst(pieces.count - 1) }
        return found
    }

    /// However bytes were cut, what follows without framing in between, at the same time, is one piece.
    private func continuesPiece(at offset: UInt64, _ time: Timestamp) -> Bool {
        guard let last = pieces.last, last.time == time else { return false }
        return last.offset &+ (contentCount &- last.content) == offset
    }

    private func found(_ event: SSEEvent) -> Found {
        let start = place(of: event.range.lowerBound)
        let last = place(of: max(event.range.lowerBound, event.range.upperBound &- 1))
        return Found(event: event, range: start.offset..<max(start.offset, last.offset) &+ 1, start: start.time)
    }

    private func place(of content: UInt64) -> (offset: UInt64, time: Timestamp) {
        let piece = pieces.last { $0.content <= content } ?? pieces[0]
        return (piece.offset &+ (max(content, piece.content) - piece.content), piece.time)
    }
}
