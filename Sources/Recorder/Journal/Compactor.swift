import Adapters
import Protocols
import Synchronization

/// Turns one lane's journal into `.wtr` files, on a thread of its own.
///
/// It walks behind the lane, keeps for each open recording where its records lie, and cuts them into a segment when 128 KiB
/// have come together, when the recording ends, or after 10 s, the first ones after 1 s. A journal segment goes back to the lane once everything in
/// it lies in files that are durable, and so do their names and their entries in the ledger.
final class Compactor {
    static let cutBytes = 128 << 10
    private static let cutNanoseconds: UInt64 = 10_000_000_000
    /// A new recording is in the folder, and can be followed, this soon.
    private static let firstCutNanoseconds: UInt64 = 1_000_000_000
    /// How long records may lie unseen while others wait to be cut.
    private static let napMilliseconds: Int32 = 50
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    /// Files are made durable in groups, this far apart.
    private static let syncNanoseconds: UInt64 = 250_000_000

    private let queue: JournalQueue
    private let recorder: Recorder
    private let store: CompactorStore
    private var uses: [SegmentUse] = []
    /// Everything below has been seen.
    private var seen: JournalPosition = 0
    private var open: [RecordingID: OpenRecording] = [:]
    /// Recordings with records that are in no file yet, or that are complete and not sealed.
    private var waiting: Set<RecordingID> = []
    private var raw: [UInt8] = []
    private var nextSync: UInt64 = 0

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
                for id in queue.takeFinishedUnsaid() { finish(id, now) }
                cutOld(now, all: isClosing)
                try recycle(now)
                try makeRoom(now)
                if isClosing { return try close() }
            } catch {
                return recorder.stop(error)
            }
            sleep()
        }
    }

    private func sleep() {
        if waiting.isEmpty, !store.isDirty, uses.count < 2 {
            queue.sleep(beyond: seen, milliseconds: -1)
        } else {
            queue.doorbell.wait(milliseconds: Self.napMilliseconds)
        }
    }
}

// MARK: Reading the journal

extension Compactor {
    /// Reads what the lane has appended since the last time.
    private func walk(_ now: UInt64) throws(StoreFault) {
        let end = queue.appended.load(ordering: .acquiring)
        while seen < end {
            let use = use(at: seen)
            let segment = use.segment
            let offset = max(Int(seen - use.base), JournalSegment.headerBytes)
            if let found = JournalEnvelope.read(segment.bytes, at: offset, epoch: use.epoch) {
                take(found, in: use, now)
                seen = use.base + UInt64(found.end)
            } else if JournalEnvelope.endsSegment(segment.bytes, at: offset) {
                seen = use.end
            } else {
                throw .refused(path: segment.path, reason: "was changed by somebody else at byte \(offset)")
            }
        }
    }

    /// The segment that holds this position, which the lane has appended to.
    private func use(at position: JournalPosition) -> SegmentUse {
        if uses.last.map({ $0.end <= position }) ?? true {
            let known = uses.last?.end ?? 0
            for used in queue.used where used.base >= known { uses.append(SegmentUse(used)) }
        }
        guard let use = uses.first(where: { position < $0.end }) else {
            preconditionFailure("a position lies in a segment in use")
        }
        return use
    }

    private func take(_ found: JournalEnvelope.Found, in use: SegmentUse, _ now: UInt64) {
        guard found.kind == .record else { return finish(found.recording, now) }
        let recording: OpenRecording
        if let known = open[found.recording] {
            recording = known
        } else {
            recording = OpenRecording(found.recording)
            open[found.recording] = recording
        }
        if recording.isEmpty {
            recording.waitingSince = now
            waiting.insert(recording.id)
        }
        recording.add(use, found.record)
        if recording.pendingBytes >= Self.cutBytes, recording.failure == nil { cut(recording, now) }
    }

    private func finish(_ id: RecordingID, _ now: UInt64) {
        guard let recording = open[id] else { return }
        recording.isFinished = true
        waiting.insert(id)
        if recording.failure == nil { cut(recording, now) }
    }
}

// MARK: Writing the files

extension Compactor {
    private func cutOld(_ now: UInt64, all: Bool) {
        for id in waiting {
            guard let recording = open[id] else { continue }
            let limit = recording.file == nil ? Self.firstCutNanoseconds : Self.cutNanoseconds
            let isDue =
                recording.failure == nil
                ? now - recording.waitingSince >= limit
                : now - recording.failedAt >= Self.retryNanoseconds
            if all || isDue { cut(recording, now) }
        }
    }

    /// Puts a recording's records into its file; a finished one is sealed. A failure leaves them in the journal, ends the
    /// connection, and is tried again.
    private func cut(_ recording: OpenRecording, _ now: UInt64) {
        do throws(StoreFault) {
            while !recording.isEmpty {
                let count = recording.gather(Self.cutBytes, into: &raw)
                try store.append(raw.span, to: recording)
                recording.drop(count)
            }
            if recording.isFinished {
                try store.seal(recording, .closed)
                open[recording.id] = nil
            }
            waiting.remove(recording.id)
            if recording.failure != nil { recorder.recording(recording.id, failed: nil) }
            recording.failure = nil
        } catch {
            waiting.insert(recording.id)
            recording.failedAt = now
            recording.failure = error
            recorder.recording(recording.id, failed: error)
        }
    }

    /// The recorder closes: what is still open was interrupted by it.
    private func close() throws(StoreFault) {
        for recording in open.values where recording.isEmpty && recording.failure == nil {
            try store.seal(recording, .interrupted)
            open[recording.id] = nil
        }
        try sync(MonotonicClock.nanoseconds)
    }
}

// MARK: Giving back the journal

extension Compactor {
    /// Gives back journal segments whose records are all in durable files, and these in the ledger.
    private func recycle(_ now: UInt64) throws(StoreFault) {
        let isWanted = uses.count > 1 && uses[0].isDone(seen) && uses[0].ticket == nil
        if store.isDirty && now >= nextSync || isWanted { try sync(now) }
        while uses.count > 1, let ticket = uses[0].ticket, recorder.book.isDurable(ticket) {
            uses.removeFirst()
            queue.recycleOldest()
        }
    }

    /// Makes the files durable. Whatever was done with before, now only waits for the ledger.
    private func sync(_ now: UInt64) throws(StoreFault) {
        let ticket = try store.sync()
        nextSync = now + Self.syncNanoseconds
        for use in uses where use.isDone(seen) && use.ticket == nil { use.ticket = ticket }
    }

    /// A lane that has used up its segments gets another one, up to the limit. Beyond it, or on a full disk, what keeps
    /// the oldest segment is cut before its time.
    private func makeRoom(_ now: UInt64) throws(StoreFault) {
        guard !queue.hasFree else { return }
        if queue.segmentCount < recorder.configuration.journalSegmentsMaximum, let segment = try? recorder.makeSegment()
        {
            return queue.add(segment)
        }
        for recording in waiting.compactMap({ open[$0] }) where recording.oldest === uses.first {
            if recording.failure == nil { cut(recording, now) }
        }
        try recycle(now)
    }
}
