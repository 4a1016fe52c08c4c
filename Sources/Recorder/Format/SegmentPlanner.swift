public import Protocols

/// What the header of a segment says about its records, known as soon as they are cut and before they are compressed.
public struct SegmentPlan: Sendable, Hashable {
    public var recording: RecordingID
    public var number: UInt64
    public var firstSequence: UInt64
    public var lastSequence: UInt64
    public var firstTime: Timestamp
    public var lastTime: Timestamp
    /// Before the segment's first record.
    public var offsets: StreamOffsets
    /// After its last record.
    public var offsetsAfter: StreamOffsets
    public var recordCount: UInt32
}

/// Numbers the segments of one recording in order, so that any thread may encode them in any order.
public struct SegmentPlanner: Sendable, Hashable {
    public let recording: RecordingID
    /// The number of the next segment.
    public private(set) var number: UInt64
    /// The sequence that the next record must have.
    public private(set) var nextSequence: UInt64
    /// Before the next record.
    public private(set) var offsets: StreamOffsets

    public init(
        _ recording: RecordingID, number: UInt64 = 0, nextSequence: UInt64 = 1, offsets: StreamOffsets = StreamOffsets()
    ) {
        self.recording = recording
        self.number = number
        self.nextSequence = nextSequence
        self.offsets = offsets
    }

    /// Takes the raw records of the next segment: whole ones, at most 1 MiB, in sequence.
    /// After a throw the planner is as it was.
    public mutating func plan(_ raw: Span<UInt8>) throws(FormatFault) -> SegmentPlan {
        guard raw.count <= SegmentHeader.rawMaximum else {
            throw FormatFault(.limitExceeded, "a segment would be above 1 MiB", at: raw.count)
        }
        var next = self
        var first: RecordHeader?
        var last: RecordHeader?
        try Record.forEach(in: raw) { (header, payload, offset) throws(FormatFault) in
            guard header.sequence == next.nextSequence else {
                throw FormatFault(.malformed, "a record is out of sequence", at: offset)
            }
            next.nextSequence += 1
            next.offsets.advance(over: header, payload)
            first = first ?? header
            last = header
            return true
        }
        guard let first, let last else { throw FormatFault(.malformed, "a segment without records") }
        let plan = SegmentPlan(
            recording: recording, number: number, firstSequence: first.sequence, lastSequence: last.sequence,
            firstTime: first.time, lastTime: last.time, offsets: offsets,
            offsetsAfter: next.offsets, recordCount: UInt32(next.nextSequence - nextSequence))
        next.number += 1
        self = next
        return plan
    }
}

extension StreamOffsets {
    /// Counts what one record adds to its direction's stream: the bytes of DATA, the length of a GAP.
    public mutating func advance(over header: RecordHeader, _ payload: Span<UInt8>) {
        guard let direction = header.direction else { return }
        switch header.type {
        case .data: self[direction] &+= UInt64(payload.count)
        case .gap: self[direction] &+= (try? GapFacts(payload))?.length ?? 0
        case .start, .identity, .note, .checkpoint: break
        }
    }
}
