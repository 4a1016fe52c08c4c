/// The streams that are open. Each is changed where it lies: a dictionary would move it out and in again for every frame. Most
/// connections have a few open at a time, and speak on the newest: looking from the end finds it sooner than a hash does.
struct HTTP2StreamTable: Sendable {
    private var drafts: [HTTP2StreamDraft] = []
    /// Of the draft at the same place.
    private var streams: [UInt32] = []
    /// Bytes that are kept for them.
    private(set) var heldCount = 0

    var count: Int { streams.count }
    var isEmpty: Bool { streams.isEmpty }

    /// In the order in which they began.
    var numbers: [UInt32] { drafts.sorted { $0.ticket < $1.ticket }.map(\.stream) }

    /// Where the one lies that began first.
    var oldest: Int? { drafts.indices.min { drafts[$0].ticket < drafts[$1].ticket } }

    /// Where the stream's draft lies until the next one is removed; `nil` where the stream is not open.
    func place(of stream: UInt32) -> Int? { streams.lastIndex(of: stream) }

    subscript(place: Int) -> HTTP2StreamDraft {
        _read { yield drafts[place] }
        _modify {
            let before = drafts[place].heldCount
            defer { heldCount += drafts[place].heldCount - before }
            yield &drafts[place]
        }
    }

    mutating func append(_ draft: consuming HTTP2StreamDraft) {
        heldCount += draft.heldCount
        streams.append(draft.stream)
        drafts.append(draft)
    }

    mutating func remove(at place: Int) -> HTTP2StreamDraft {
        heldCount -= drafts[place].heldCount
        let stream = streams.removeLast()
        let draft = drafts.removeLast()
        guard place < drafts.count else { return draft }
        streams[place] = stream
        return exchange(&drafts[place], with: draft)
    }
}
