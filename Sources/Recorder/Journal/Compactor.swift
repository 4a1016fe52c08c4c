import Adapters
import Protocols
import Synchronization

/// Turns one lane's journal into `.wtr` files, on a thread of its own.
///
/// It walks behind the lane, keeps for each open recording where its records lie, and cuts them into a segment when 128 KiB
/// have come together, when the recording ends, or after 10 s, the first ones after 1 s. A journal segment goes back to
/// the lane once everything in it lies in files that are durable, and so are their names and their entries in the ledger.
final class Compactor {
    /// Two of the longest records.
    static let cutBytes = 2 * (RecordHeader.byteCount + Recording.dataMaximum)
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
    private var uses = SegmentUses()
    /// Everything below has been seen.
    private var seen: JournalPosition = 0
    private var open = OpenRecordings()
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
        if waiting.isEmpty, !store.hasSealed, uses.count < 2 {
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
            let use = uses.find(seen, in: queue)
            let segment = use.segment
            var offset = max(Int(seen - use.base), JournalSegment.headerBytes)
            while use.base + UInt64(offset) < end,
                let found = JournalEnvelope.read(segment.bytes, at: offset, epoch: use.epoch)
            {
                take(found, in: use, now)
                offset = found.end
            }
            seen = use.base + UInt64(offset)
            if seen >= end { return }
            guard JournalEnvelope.endsSegment(segment.bytes, at: offset) else {
                throw .refused(path: segment.path, reason: "was changed by somebody else at byte \(offset)")
            }
            seen = use.end
        }
    }

    private func take(_ found: JournalEnvelope.Found, in use: SegmentUse, _ now: UInt64) {
        guard found.kind == .record else { return finish(found.recording, now) }
        let recording = open.findOrMake(found.recording)
        if recording.isEmpty {
            recording.waitingSince = now
            waiting.insert(recording.id)
        }
        use.pins += 1
        recording.add(
            JournalPlace(
                use: use.number, start: UInt32(found.record.lowerBound), count: UInt32(found.record.count)))
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
                let (places, byteCount) = recording.first(Self.cutBytes)
                raw.removeAll(keepingCapacity: true)
                uses.copy(places, byteCount, into: &raw)
                try store.append(raw.span, to: recording)
                uses.unpin(places)
                recording.drop(places.count, byteCount)
            }
            if recording.isFinished {
                try store.seal(recording, .closed)
                open.remove(recording.id)
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
        for recording in Array(open.all) where recording.isEmpty && recording.failure == nil {
            try store.seal(recording, .interrupted)
            open.remove(recording.id)
        }
        try sync(MonotonicClock.nanoseconds)
    }
}

// MARK: Giving back the journal

extension Compactor {
    /// Gives back journal segments whose records are all in durable files, and these in the ledger.
    private func recycle(_ now: UInt64) throws(StoreFault) {
        let isWanted = uses.count > 1 && uses.oldest.map { $0.isDone(seen) && $0.ticket == nil } ?? false
        if store.hasSealed && now >= nextSync || isWanted { try sync(now) }
        while uses.count > 1, let ticket = uses.oldest?.ticket, recorder.book.isDurable(ticket) {
            uses.removeOldest()
            queue.recycleOldest()
        }
    }

    /// Makes the files durable. Whatever was done with before, now only waits for the ledger.
    private func sync(_ now: UInt64) throws(StoreFault) {
        let ticket = try store.sync()
        nextSync = now + Self.syncNanoseconds
        uses.stamp(ticket, seen: seen)
    }

    /// A lane that has used up its segments gets another one, up to the limit. Beyond it, or on a full disk, what keeps
    /// the oldest segment is cut before its time.
    private func makeRoom(_ now: UInt64) throws(StoreFault) {
        guard !queue.hasFree else { return }
        if queue.segmentCount < recorder.configuration.journalSegmentsMaximum, let segment = try? recorder.makeSegment()
        {
            return queue.add(segment)
        }
        for recording in waiting.compactMap({ open[$0] }) where recording.oldest.map({ uses[$0] }) === uses.oldest {
            if recording.failure == nil { cut(recording, now) }
        }
        try recycle(now)
    }
}
