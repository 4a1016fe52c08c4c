import Glibc
import Protocols

/// A journal segment in use, and how many of its records are in no file yet. Confined to its compactor.
final class SegmentUse {
    let segment: JournalSegment
    let base: JournalPosition
    let epoch: UInt32
    /// Counts the uses of one lane.
    let number: UInt32
    var pins = 0
    /// Set once all its records are in durable files: what the ledger must hold before the segment is given back.
    var ticket: SessionBook.Ticket?

    init(_ used: JournalQueue.Used, number: UInt32) {
        segment = used.segment
        base = used.base
        epoch = used.segment.epoch
        self.number = number
    }

    var end: JournalPosition { base + UInt64(segment.byteCount) }

    /// Whether all its records are in files. `seen`: how far the compactor has come.
    func isDone(_ seen: JournalPosition) -> Bool { pins == 0 && seen >= end }
}

/// A record that lies in the journal: no reference to count, however many there are.
struct JournalPlace {
    /// ``SegmentUse/number``.
    let use: UInt32
    let start: UInt32
    let count: UInt32
}

/// The segments of a lane that are in use, oldest first. Confined to its compactor.
struct SegmentUses {
    private var uses: [SegmentUse] = []
    private var nextNumber: UInt32 = 0

    var count: Int { uses.count }
    var oldest: SegmentUse? { uses.first }

    /// The one that holds this place.
    subscript(place: JournalPlace) -> SegmentUse { uses[Int(place.use &- uses[0].number)] }

    /// The one that holds this position, which the lane has appended to.
    mutating func find(_ position: JournalPosition, in queue: JournalQueue) -> SegmentUse {
        if uses.last.map({ $0.end <= position }) ?? true {
            let known = uses.last?.end ?? 0
            for used in queue.used where used.base >= known {
                uses.append(SegmentUse(used, number: nextNumber))
                nextNumber &+= 1
            }
        }
        guard let use = uses.first(where: { position < $0.end }) else {
            preconditionFailure("a position lies in a segment in use")
        }
        return use
    }

    /// Everything that is done with so far, and was not so before, waits for this ticket.
    func stamp(_ ticket: SessionBook.Ticket, seen: JournalPosition) {
        for use in uses where use.ticket == nil && use.isDone(seen) { use.ticket = ticket }
    }

    mutating func removeOldest() { uses.removeFirst() }

    /// Copies records to the end of `raw`, `byteCount` of them together.
    func copy(_ places: ArraySlice<JournalPlace>, _ byteCount: Int, into raw: inout [UInt8]) {
        raw.append(addingCapacity: byteCount) { output in
            unsafe output.withUnsafeMutableBufferPointer { target, filled in
                for place in places {
                    let count = Int(place.count)
                    precondition(filled + count <= target.count, "the places are as long as they say")
                    // SAFETY: `target` has room, and the place lies in the segment, as whoever read its envelope has checked.
                    unsafe memcpy(target.baseAddress! + filled, self[place].segment.address(Int(place.start)), count)
                    filled += count
                }
            }
        }
    }

    /// Records that are in a file now.
    func unpin(_ places: ArraySlice<JournalPlace>) {
        for place in places { self[place].pins -= 1 }
    }
}
