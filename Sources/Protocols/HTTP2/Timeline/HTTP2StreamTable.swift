/// The streams that are open. Each is changed where it lies: a dictionary would move it out and in again for every frame.
struct HTTP2StreamTable: Sendable {
    private var places: [UInt32: Int] = [:]
    /// `nil` where a place is free.
    private var drafts: [HTTP2StreamDraft?] = []
    private var free: [Int] = []
    /// Bytes that are kept for them.
    private(set) var heldCount = 0

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    /// In the order in which they began.
    var numbers: [UInt32] { open.sorted { $0.ticket < $1.ticket }.map(\.stream) }

    /// The one that began first.
    var oldest: UInt32? { open.min { $0.ticket < $1.ticket }?.stream }

    private var open: [(ticket: EventQueue.Ticket, stream: UInt32)] {
        drafts.indices.compactMap { place in drafts[place].map { ($0.ticket, $0.stream) } }
    }

    func contains(_ stream: UInt32) -> Bool { places[stream] != nil }

    /// `nil` where the stream is not open.
    @discardableResult
    mutating func change<Result>(_ stream: UInt32, _ change: (inout HTTP2StreamDraft) -> Result) -> Result? {
        guard let place = places[stream] else { return nil }
        heldCount -= drafts[place]!.heldCount
        defer { heldCount += drafts[place]!.heldCount }
        return change(&drafts[place]!)
    }

    mutating func insert(_ draft: consuming HTTP2StreamDraft) {
        let stream = draft.stream
        heldCount += draft.heldCount
        if let place = free.popLast() {
            drafts[place] = draft
            places[stream] = place
        } else {
            places[stream] = drafts.count
            drafts.append(draft)
        }
    }

    mutating func remove(_ stream: UInt32) -> HTTP2StreamDraft? {
        guard let place = places.removeValue(forKey: stream) else { return nil }
        free.append(place)
        heldCount -= drafts[place]!.heldCount
        return exchange(&drafts[place], with: nil)
    }
}
