import Glibc
import Protocols
import Synchronization

/// Everything that is kept goes through here: one lane per event loop, and the threads that turn their journals into files.
public final class Recorder: Sendable {
    public let configuration: RecorderConfiguration
    /// How many recordings of an interrupted run were completed at the start.
    public let recovered: Int

    let folder: RecordingsFolder
    let key: GatewayKey
    let book: SessionBook
    private let syncers: [Syncer]
    let bookkeeper: Bookkeeper
    private let journal: JournalFolder
    let queues: [JournalQueue]
    private let gatewaySequence: Atomic<UInt64>
    private let segmentNumber: Atomic<Int>
    private let closing = Atomic<Bool>(false)
    let condition = Mutex(Condition())
    /// Whether `condition` has anything to say; spares the hot path its lock.
    private let isImpaired = Atomic<Bool>(false)
    private let started = Mutex(Started())

    private struct Started {
        var lanes: [RecorderLane] = []
        var compacting: [Worker] = []
        var syncing: [Worker] = []
        var bookkeeping: Worker?
    }

    struct Condition {
        var stopped: StoreFault?
        var failed: [RecordingID: StoreFault] = [:]
    }

    /// Takes the journal's lock, completes what an earlier run left unfinished, and starts.
    public init(_ configuration: RecorderConfiguration) throws(RecorderError) {
        self.configuration = configuration
        // Grows by the clock between runs and by one per record within a run, so it never repeats.
        gatewaySequence = Atomic(UInt64(WallClock.nanoseconds))
        let catalog: CatalogFeed
        do throws(StoreFault) {
            let state = try StateFolder(configuration.state)
            folder = try RecordingsFolder(configuration.recordings)
            key = try GatewayKey.load(from: state)
            var trusted = try TrustStore(state)
            try trusted.addOwn(key, to: state)
            catalog = CatalogFeed(state)
        } catch { throw .store(error) }
        journal = try JournalFolder(configuration.state)
        do throws(StoreFault) {
            let ledger = try Ledger(folder.ledgerPath, key: key)
            let left = try journal.segments()
            recovered = try JournalRecovery(left, folder, key, ledger).run()
            book = SessionBook(ledger)
            let made = try Self.segments(left, journal, configuration)
            segmentNumber = Atomic(made.nextNumber)
            let epoch = (left.map(\.epoch).max() ?? 0) &+ Self.epochsPassedOver
            queues = made.perLane.map { JournalQueue(free: $0, nextEpoch: epoch) }
        } catch { throw .store(error) }
        syncers = queues.map { Syncer($0, every: configuration.syncMilliseconds) }
        bookkeeper = Bookkeeper(book, catalog, folder.path, queues, every: configuration.syncMilliseconds)
        try start()
    }

    /// One for each event loop, in order.
    public var lanes: [RecorderLane] { started.withLock { $0.lanes } }

    /// Seals every recording, makes everything durable, and ends the threads. The loops must have stopped appending.
    public func shutdown() {
        guard !closing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for queue in queues { queue.doorbell.ring() }
        let running = started.withLock { exchange(&$0, with: Started()) }
        for compactor in running.compacting { compactor.join() }
        for syncer in syncers { syncer.stop() }
        for syncer in running.syncing { syncer.join() }
        bookkeeper.stop()
        running.bookkeeping?.join()
        retireJournal()
    }

    private func start() throws(RecorderError) {
        var new = Started()
        for (index, (queue, syncer)) in zip(queues, syncers).enumerated() {
            new.lanes.append(try RecorderLane(of: self, queue, syncer))
            new.compacting.append(
                Worker("compactor-\(index)") { [self] in
                    Compactor(queue, of: self, CompactorStore(of: self)).run()
                })
            new.syncing.append(Worker("journal-\(index)") { [self] in syncer.run { stop($0) } })
        }
        new.bookkeeping = Worker("ledger") { [self] in bookkeeper.run { stop($0) } }
        let running = new
        started.withLock { $0 = running }
    }

    /// After the threads have ended: a journal whose every record lies in a durable file needs no recovery.
    private func retireJournal() {
        guard condition.withLock({ $0.stopped == nil && $0.failed.isEmpty }), book.isSettled else { return }
        for queue in queues { queue.retireAll() }
    }

    /// A power failure may keep records of an epoch and lose the first page that names it: more epochs than can have begun
    /// between two syncs are never used again.
    private static let epochsPassedOver: UInt32 = 1 << 16

    /// Two segments for every lane; those of an earlier run are used again, or removed.
    private static func segments(
        _ left: [JournalSegment], _ journal: JournalFolder, _ configuration: RecorderConfiguration
    ) throws(StoreFault) -> (perLane: [[JournalSegment]], nextNumber: Int) {
        var spare = left.filter { $0.byteCount == configuration.journalSegmentBytes }
        var number = (left.compactMap(\.number).max() ?? 0) + 1
        var perLane: [[JournalSegment]] = []
        for _ in 0..<configuration.lanes {
            var segments: [JournalSegment] = []
            while segments.count < 2 {
                if let segment = spare.popLast() {
                    segments.append(segment)
                } else {
                    segments.append(try journal.makeSegment(number, byteCount: configuration.journalSegmentBytes))
                    number += 1
                }
            }
            perLane.append(segments)
        }
        for segment in left where !perLane.joined().contains(where: { $0 === segment }) { segment.remove() }
        return (perLane, number)
    }
}

// MARK: What lanes and compactors ask

extension Recorder {
    var isClosing: Bool { closing.load(ordering: .acquiring) }

    /// The next number of the order across all connections.
    @inline(__always)
    func nextGatewaySequence() -> UInt64 { gatewaySequence.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Whether this recording may go on. Nothing is appended that would never reach a file.
    @inline(__always)
    func check(_ recording: RecordingID) throws(RecorderError) {
        if isImpaired.load(ordering: .relaxed) { try examine(recording) }
    }

    private func examine(_ recording: RecordingID) throws(RecorderError) {
        let state = condition.withLock { ($0.stopped, $0.failed[recording]) }
        if let fault = state.0 { throw .stopped(fault) }
        if let fault = state.1 { throw .recordingFailed(fault) }
    }

    /// Whether a new recording may begin.
    func admit() throws(RecorderError) {
        if let fault = condition.withLock({ $0.stopped }) { throw .stopped(fault) }
        let free = bookkeeper.freeBytes
        guard free >= configuration.minimumFreeBytes else {
            throw .diskLow(path: folder.path, free: free, minimum: configuration.minimumFreeBytes)
        }
    }

    func makeSegment() throws(StoreFault) -> JournalSegment {
        let number = segmentNumber.wrappingAdd(1, ordering: .relaxed).oldValue
        return try journal.makeSegment(number, byteCount: configuration.journalSegmentBytes)
    }

    /// A recording's file could not be written: its connection ends. `nil` once it could.
    func recording(_ id: RecordingID, failed fault: StoreFault?) {
        condition.withLock { state in
            state.failed[id] = fault
            isImpaired.store(state.stopped != nil || !state.failed.isEmpty, ordering: .relaxed)
        }
    }

    /// Nothing can be relied upon any more: every append from now on throws.
    func stop(_ fault: StoreFault) {
        condition.withLock { state in
            state.stopped = state.stopped ?? fault
            isImpaired.store(true, ordering: .relaxed)
        }
    }
}
