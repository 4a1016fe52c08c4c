import Adapters
import Protocols
import Synchronization

/// Turns one lane's journal into `.wtr` files, on a thread of its own.
///
/// It walks behind the lane, keeps for each open recording where its records lie, and cuts them into a segment when 128 KiB
/// have come together, when the recording ends, or after 10 s. A journal segment goes back to the lane once everything in
/// it lies in files that are durable, and so do their names.
final class Compactor {
    private static let cutBytes = 128 << 10
    private static let cutNanoseconds: UInt64 = 10_000_000_000
    /// How long records may lie unseen while others wait to be cut.
    private static let napMilliseconds: Int32 = 50
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    /// How long a sealed recording may wait for its line in the ledger.
    private static let syncNanoseconds: UInt64 = 1_000_000_000
    /// So many files are open and not yet durable before they are made so.
    private static let unsyncedMaximum = 512

    private let queue: JournalQueue
    private let recorder: Recorder
    private let store: CompactorStore
    private var uses: [SegmentUse] = []
    /// Everything below has been seen.
    private var seen: JournalPosition = 0
    private var open: [RecordingID: OpenRecording] = [:]
    /// Recordings with records that are in no file yet.
    private var waiting: Set<RecordingID> = []
    private var raw: [UInt8] = []
    private var syncedAt: UInt64 = 0

    init(_ queue: JournalQueue, of recorder: Recorder, _ store: CompactorStore) {
        self.queue = queue
        self.recorder = recorder
        self.store = store
    }

    /// Runs until the recorder closes and everything is in its file.
    func run() {
        while true {
            let isClosing = recorder.isClosing
            do throws(StoreFault) {
                let now = MonotonicClock.nanoseconds
                try walk(now)
                cutOld(now, all: isClosing)
                try recycle(now)
                growIfNeeded()
                if isClosing { return try close() }
            } catch {
                return recorder.stop(error)
            }
            if waiting.isEmpty, !store.hasSealed {
                queue.sleep(beyond: seen, milliseconds: -1)
            } else {
                queue.doorbell.wait(milliseconds: Self.napMilliseconds)
            }
        }
    }

    /// Reads what the lane has appended since the last time.
    private func walk(_ now: UInt64) throws(StoreFault) {
        let end = queue.appended.load(ordering: .acquiring)
        while seen < end {
            guard let use = use(at: seen) else { return }
            let segment = use.segment
            let offset = max(Int(seen - use.base), JournalSegment.headerBytes)
            guard let found = JournalEnvelope.read(segment.bytes, at: offset, epoch: use.epoch) else {
                seen = use.base + UInt64(use.segment.byteCount)
                continue
            }
            take(found, in: use, now)
            seen = use.base + UInt64(found.end)
        }
    }

    private func use(at position: JournalPosition) -> SegmentUse? {
        if let last = uses.last, position >= last.base, position < last.end { return last }
        for used in queue.used where uses.last.map({ used.base >= $0.end }) ?? true {
            uses.append(SegmentUse(used))
        }
        return uses.first { position < $0.end }
    }

    private func take(_ found: JournalEnvelope.Found, in use: SegmentUse, _ now: UInt64) {
        let recording = open[found.recording] ?? OpenRecording(found.recording)
        open[found.recording] = recording
        switch found.kind {
        case .record:
            if recording.pending.isEmpty { recording.waitingSince = now }
            recording.add(use, found.record)
            waiting.insert(recording.id)
            if recording.pendingBytes >= Self.cutBytes { cut(recording, now) }
        case .finish:
            recording.isFinished = true
            cut(recording, now)
        }
    }

    private func cutOld(_ now: UInt64, all: Bool) {
        for id in waiting {
            guard let recording = open[id] else { continue }
            let isDue = now - recording.waitingSince >= Self.cutNanoseconds
            let mayRetry = recording.failure == nil || now - recording.failedAt >= Self.retryNanoseconds
            if all || isDue || recording.isFinished, mayRetry || all { cut(recording, now) }
        }
    }

    /// Puts a recording's records into its file; a finished one is sealed. A failure leaves them in the journal, ends the
    /// connection, and is tried again.
    private func cut(_ recording: OpenRecording, _ now: UInt64) {
        do throws(StoreFault) {
            while !recording.pending.isEmpty {
                let count = recording.gather(Self.cutBytes, into: &raw)
                try store.append(raw.span, to: recording)
                recording.drop(count)
            }
            if recording.failure != nil { recorder.recording(recording.id, failed: nil) }
            recording.failure = nil
            waiting.remove(recording.id)
            guard recording.isFinished else { return }
            try store.seal(recording, .closed)
            open[recording.id] = nil
        } catch {
            waiting.insert(recording.id)
            recording.failedAt = now
            recording.failure = error
            recorder.recording(recording.id, failed: error)
        }
    }

    /// Gives back journal segments whose records are all in durable files.
    private func recycle(_ now: UInt64) throws(StoreFault) {
        let isDue = store.hasSealed && now - syncedAt >= Self.syncNanoseconds
        if isDue || store.unsyncedCount > Self.unsyncedMaximum {
            try store.sync()
            syncedAt = now
        }
        while let oldest = uses.first, oldest.end <= seen, oldest.pins == 0 {
            try store.sync()
            uses.removeFirst()
            queue.recycleOldest()
        }
    }

    /// A lane that has used up its segments gets another one, up to the limit. A full disk leaves it waiting.
    private func growIfNeeded() {
        guard !queue.hasFree, queue.segmentCount < recorder.configuration.journalSegmentsMaximum else { return }
        if let segment = try? recorder.makeSegment() { queue.add(segment) }
    }

    /// The recorder closes: what is still open was interrupted by it.
    private func close() throws(StoreFault) {
        for recording in open.values where recording.pending.isEmpty && recording.failure == nil {
            try store.seal(recording, .interrupted)
        }
        try store.sync()
        if open.values.allSatisfy({ $0.pending.isEmpty }) {
            for use in uses { use.segment.begin(epoch: 0) }
        }
    }
}
