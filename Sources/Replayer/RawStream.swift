public import Protocols
public import Recorder

/// Writes the bytes of a recording as they crossed the client's leg: `wiretrail raw`.
public struct RawStream: Sendable {
    public var path: String
    /// `nil` for both, in the order in which they crossed.
    public var direction: Direction?
    /// Offsets in the stream, as a timeline tells them; only with a direction.
    public var range: Range<UInt64>?

    /// Bytes that the recording does not hold. `nil`: nobody knows how many.
    public struct Hole: Sendable, Hashable {
        public var direction: Direction?
        public var length: UInt64?
        public var reason: String
    }

    public init(_ path: String, direction: Direction?, range: Range<UInt64>? = nil) {
        self.path = path
        self.direction = direction
        self.range = range
    }

    /// Redacted secrets are filler. `hole` is told of what is missing; nothing is written in its place.
    /// `write` returns false to stop.
    public func run(write: (Span<UInt8>) -> Bool, hole: (Hole) -> Void) throws(StoreFault) {
        let file = try RecordingReader(path)
        var offsets = StreamOffsets()
        var place = SegmentPlace.first
        if let direction, let range {
            place = try file.segment(at: range.lowerBound, of: direction)
            file.seek(to: place)
            if let header = try file.next() { offsets = header.offsets }
        }
        try file.forEachRecord(from: RecordPlace(segment: place, index: 0)) { header, payload, _ in
            guard header.type == .data || header.type == .gap,
                direction == nil || header.direction == nil
                    || header.direction == direction
            else { return true }
            if header.type == .gap {
                guard let facts = try? GapFacts(payload) else { return true }
                hole(Hole(direction: header.direction, length: facts.length, reason: facts.reason))
                if let way = header.direction { offsets[way] &+= facts.length ?? 0 }
                return true
            }
            guard let way = header.direction else { return true }
            let start = offsets[way]
            offsets[way] &+= UInt64(payload.count)
            guard direction != nil, let range else { return write(payload) }
            guard start < range.upperBound else { return false }
            let wanted = range.clamped(to: start..<offsets[way])
            guard !wanted.isEmpty else { return true }
            return write(payload.extracting(Int(wanted.lowerBound - start)..<Int(wanted.upperBound - start)))
        }
    }
}
