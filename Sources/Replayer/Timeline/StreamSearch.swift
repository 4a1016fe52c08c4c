import Protocols
import Recorder

/// Finds a text in the bytes of both streams, over the borders of records, and tells which events they belong to.
struct StreamSearch: Sendable {
    /// Places that wait for their event. What one statement returns beyond that adds nothing to its being found.
    private static let waitingMaximum = 10_000

    private struct Lane: Sendable {
        /// Of the next record's first byte.
        var offset: UInt64 = 0
        /// The last bytes seen, too few to hold the text.
        var tail: [UInt8] = []
        /// Where and when the text was found.
        var places: [(offset: UInt64, time: Timestamp)] = []
    }

    private let pattern: TextPattern
    private var lanes: [2 of Lane] = [Lane(), Lane()]

    init(_ pattern: TextPattern) { self.pattern = pattern }

    /// Reading begins in the middle.
    mutating func skip(to offsets: StreamOffsets) {
        for direction in Direction.allCases {
            lanes[direction.slot] = Lane(offset: offsets[direction])
        }
    }

    mutating func record(_ header: RecordHeader, _ payload: Span<UInt8>) {
        guard let direction = header.direction else { return }
        let slot = direction.slot
        switch header.type {
        case .gap:
            lanes[slot].offset &+= (try? GapFacts(payload))?.length ?? 0
            lanes[slot].tail = []
        case .data: data(payload, slot, header.time)
        case .start, .identity, .note, .checkpoint: break
        }
    }

    private mutating func data(_ payload: Span<UInt8>, _ slot: Int, _ time: Timestamp) {
        var lane = exchange(&lanes[slot], with: Lane())
        // Only where the text straddles the border is it looked for twice.
        let border = lane.tail.count
        var joined = lane.tail
        joined.append(payload.extracting(0..<min(payload.count, pattern.count - 1)))
        find(in: joined.span, from: lane.offset &- UInt64(border), at: time, &lane)
        find(in: payload, from: lane.offset, at: time, &lane)
        lane.offset &+= UInt64(payload.count)
        let kept = pattern.count - 1
        if payload.count >= kept {
            lane.tail = [UInt8](copying: payload.extracting((payload.count - kept)...))
        } else {
            lane.tail = Array(joined.suffix(kept))
        }
        lanes[slot] = lane
    }

    private func find(in bytes: Span<UInt8>, from base: UInt64, at time: Timestamp, _ lane: inout Lane) {
        var start = 0
        while lane.places.count < Self.waitingMaximum, let place = pattern.firstIndex(in: bytes, from: start) {
            lane.places.append((base &+ UInt64(place), time))
            start = place + pattern.count
        }
    }

    /// The text's places within an event's request and response; they are done with.
    mutating func places(in event: TimelineEvent) -> [String] {
        var found: [String] = []
        if let request = event.request, take(request, 0) { found.append("request") }
        if let response = event.response, take(response, 1) { found.append("response") }
        return found
    }

    private mutating func take(_ range: Range<UInt64>, _ slot: Int) -> Bool {
        let before = lanes[slot].places.count
        guard before > 0 else { return false }
        lanes[slot].places.removeAll { range.contains($0.offset) }
        return lanes[slot].places.count < before
    }

    /// Places in bytes that belong to no event, each as one.
    func leftOver() -> [TimelineEvent] {
        Direction.allCases.flatMap { direction in
            lanes[direction.slot].places.map { place in
                let range = place.offset..<place.offset &+ UInt64(pattern.count)
                return TimelineEvent(
                    sequence: 0, start: place.time, kind: "bytes",
                    title: "found in what the \(direction.sender) sent, at byte \(place.offset)",
                    request: direction == .clientToServer ? range : nil,
                    response: direction == .serverToClient ? range : nil)
            }
        }
    }
}
