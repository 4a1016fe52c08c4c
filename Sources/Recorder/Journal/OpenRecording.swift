import Protocols

/// A journal segment in use, and how many of its records are in no file yet. Confined to its compactor.
final class SegmentUse {
    let segment: JournalSegment
    let base: JournalPosition
    let epoch: UInt32
    var pins = 0
    /// Set once all its records are in durable files: what the ledger must hold before the segment is given back.
    var ticket: SessionBook.Ticket?

    init(_ used: JournalQueue.Used) {
        segment = used.segment
        base = used.base
        epoch = used.segment.epoch
    }

    var end: JournalPosition { base + UInt64(segment.byteCount) }

    /// Whether all its records are in files. `seen`: how far the compactor has come.
    func isDone(_ seen: JournalPosition) -> Bool { pins == 0 && seen >= end }
}

/// What a compactor keeps of a recording that is not sealed. An idle one holds no records, only its file's state.
final class OpenRecording {
    /// A record that lies in the journal.
    private struct Reference {
        unowned let use: SegmentUse
        let start: UInt32
        let count: UInt32
    }

    let id: RecordingID
    var file: RecordingWriter?
    var planner: SegmentPlanner
    var sessionNumber: UInt64 = 0
    var isFinished = false
    var failure: StoreFault?
    var failedAt: UInt64 = 0
    /// Monotonic nanoseconds: when the first of the pending records was seen.
    var waitingSince: UInt64 = 0
    private(set) var pendingBytes = 0
    private var references: [Reference] = []

    init(_ id: RecordingID) {
        self.id = id
        planner = SegmentPlanner(id)
    }

    /// Whether all its records are in its file.
    var isEmpty: Bool { references.isEmpty }
    /// The segment that holds the first record that is not in the file.
    var oldest: SegmentUse? { references.first?.use }

    func add(_ use: SegmentUse, _ range: Range<Int>) {
        use.pins += 1
        references.append(Reference(use: use, start: UInt32(range.lowerBound), count: UInt32(range.count)))
        pendingBytes += range.count
    }

    /// Copies the first records into `raw`, as many as fit `goal`, and at least one. Returns how many.
    func gather(_ goal: Int, into raw: inout [UInt8]) -> Int {
        raw.removeAll(keepingCapacity: true)
        var count = 0
        for reference in references {
            guard count == 0 || raw.count + Int(reference.count) <= goal else { break }
            let range = Int(reference.start)..<Int(reference.start + reference.count)
            let segment = reference.use.segment
            raw.append(segment.bytes.extracting(range))
            count += 1
        }
        return count
    }

    /// The first records are in the file now.
    func drop(_ count: Int) {
        for reference in references[..<count] {
            reference.use.pins -= 1
            pendingBytes -= Int(reference.count)
        }
        if count == references.count { references = [] } else { references.removeFirst(count) }
    }
}
