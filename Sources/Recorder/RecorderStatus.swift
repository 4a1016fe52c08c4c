import Synchronization

/// How the recorder is, for those who watch it.
public struct RecorderStatus: Sendable, Equatable {
    /// Nothing can be recorded any more; the gateway must be started again.
    public var stopped: StoreFault?
    /// Recordings that begun in this run and are not sealed yet; a count.
    public var openRecordings: Int
    /// Recordings that this run has sealed; a count.
    public var sealedRecordings: Int
    /// Open recordings whose files cannot be written at the moment; a count.
    public var failedRecordings: Int
    /// Bytes that the file system of the recordings had free a moment ago.
    public var freeBytes: UInt64
    /// With less than this no recording begins; in bytes.
    public var minimumFreeBytes: UInt64
    /// How much of its journal each lane has in use, from 0 to 1. At 1 reading stops until files have caught up.
    public var journalFill: [Double]

    /// Why no recording can begin now; none when one can. One clause each.
    public var obstacles: [String] {
        var obstacles: [String] = []
        if let stopped { obstacles.append("recording has stopped for good: \(stopped)") }
        if failedRecordings > 0 { obstacles.append("recordings cannot be written: \(failedRecordings)") }
        if freeBytes < minimumFreeBytes {
            obstacles.append("\(freeBytes >> 20) MiB are free for recordings, and \(minimumFreeBytes >> 20) are needed")
        }
        if journalFill.contains(where: { $0 > Self.journalMark }) { obstacles.append("the journal is nearly full") }
        return obstacles
    }

    /// Beyond it, a few large reads stop a lane.
    private static let journalMark = 0.95
}

extension Recorder {
    /// A look at all of it. May be called anywhere; waits for nothing but short locks.
    public var status: RecorderStatus {
        let (stopped, failed) = condition.withLock { ($0.stopped, $0.failed.count) }
        let counts = book.counts
        return RecorderStatus(
            stopped: stopped, openRecordings: max(0, counts.begun - counts.sealed), sealedRecordings: counts.sealed,
            failedRecordings: failed, freeBytes: bookkeeper.freeBytes,
            minimumFreeBytes: configuration.minimumFreeBytes,
            journalFill: queues.map { $0.fill(ofAtMost: configuration.journalSegmentsMaximum) })
    }
}

extension JournalQueue {
    /// From 0 to 1: what lies between the oldest segment in use and the last record, of all that the lane may have.
    fileprivate func fill(ofAtMost segments: Int) -> Double {
        guard let oldest = used.first else { return 0 }
        let end = appended.load(ordering: .acquiring)
        let inUse = end - min(oldest.base, end)
        return min(1, Double(inUse) / (Double(oldest.segment.byteCount) * Double(segments)))
    }
}
