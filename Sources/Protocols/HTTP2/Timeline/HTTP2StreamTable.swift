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

    /// The one that began first.
    var oldest: UInt32? { drafts.min { $0.ticket < $1.ticket }?.stream }

    func contains(_ stream: UInt32) -> Bool { streams.lastIndex(of: stream) != nil }

    /// `nil` where the stream is not open.
    @discardableResult
    @inline(__always)
    mutating func change<Result>(_ stream: UInt32, _ change: (inout HTTP2StreamDraft) -> Result) -> Result? {
        guard let place = streams.lastIndex(of: stream) else { return nil }
        let before = drafts[place].heldCount
        defer { heldCount += drafts[place].heldCount - before }
        return change(&drafts[place])
    }

    mutating func insert(_ draft: consuming HTTP2StreamDraft) {
        heldCount += draft.heldCount
        streams.append(draft.stream)
        drafts.append(draft)
    }

    mutating func remove(_ stream: UInt32) {
        guard let place = streams.lastIndex(of: stream) else { return }
        heldCount -= drafts[place].heldCount
        let last = streams.count - 1
        streams.swapAt(place, last)
        streams.removeLast()
        drafts.swapAt(place, last)
        drafts.removeLast()
    }
}
