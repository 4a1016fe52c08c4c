import Protocols
import Synchronization

/// The segments of one lane, between the loop that fills them and the compactor that empties them.
final class JournalQueue: @unchecked Sendable {
    /// A segment in use, and the position of its first byte.
    struct Used {
        let segment: JournalSegment
        let base: JournalPosition
    }

    /// Everything below has been appended, and may be read by the compactor.
    let appended = Atomic<JournalPosition>(0)
    /// Everything below is durable.
    let durable = Atomic<JournalPosition>(0)

    private struct State {
        var free: [JournalSegment] = []
        /// In order of use.
        var used: [Used] = []
        var nextBase: JournalPosition = 0
        var nextEpoch: UInt32
        /// Recordings that ended when the journal had no room to say so.
        var finishedUnsaid: [RecordingID] = []
        var onDurable: @Sendable (JournalPosition) -> Void = { _ in }
        var onRoom: @Sendable () -> Void = {}
    }

    private let state: Mutex<State>
    private let freeCount = Atomic<Int>(0)
    private let compactorSleeps = Atomic<Bool>(false)
    let doorbell = Doorbell()

    init(free: [JournalSegment], nextEpoch: UInt32) {
        state = Mutex(State(free: free, nextEpoch: nextEpoch))
        freeCount.store(free.count, ordering: .relaxed)
    }

    func setHandlers(
        onDurable: @escaping @Sendable (JournalPosition) -> Void, onRoom: @escaping @Sendable () -> Void
    ) {
        state.withLock {
            $0.onDurable = onDurable
            $0.onRoom = onRoom
        }
    }

    // MARK: The loop's side

    var hasFree: Bool { freeCount.load(ordering: .relaxed) > 0 }

    func takeFree() -> Used? {
        state.withLock { state in
            guard let segment = state.free.popLast() else { return nil }
            freeCount.store(state.free.count, ordering: .relaxed)
            segment.begin(epoch: state.nextEpoch)
            state.nextEpoch += 1
            let used = Used(segment: segment, base: state.nextBase)
            state.nextBase += UInt64(segment.byteCount)
            state.used.append(used)
            return used
        }
    }

    /// Makes everything below `position` visible, and wakes a compactor that has nothing to wait for.
    @inline(__always)
    func publish(_ position: JournalPosition) {
        appended.store(position, ordering: .sequentiallyConsistent)
        if compactorSleeps.load(ordering: .sequentiallyConsistent) { wake() }
    }

    /// A recording is complete, and nothing of that could be appended.
    func finished(_ recording: RecordingID) {
        state.withLock { $0.finishedUnsaid.append(recording) }
        wake()
    }

    func wake() {
        if compactorSleeps.exchange(false, ordering: .acquiringAndReleasing) { doorbell.ring() }
    }

    // MARK: The compactor's side

    /// Segments in use, oldest first; the last one is the lane's current one.
    var used: [Used] { state.withLock { $0.used } }

    /// Recordings that are complete without a word of it in the journal.
    func takeFinishedUnsaid() -> [RecordingID] { state.withLock { exchange(&$0.finishedUnsaid, with: []) } }

    /// Waits until the lane has appended something beyond `seen`, or for at most that long.
    func sleep(beyond seen: JournalPosition, milliseconds: Int32) {
        compactorSleeps.store(true, ordering: .sequentiallyConsistent)
        if appended.load(ordering: .sequentiallyConsistent) == seen { doorbell.wait(milliseconds: milliseconds) }
        compactorSleeps.store(false, ordering: .relaxed)
    }

    /// Gives back the oldest segment, whose records are all kept elsewhere.
    func recycleOldest() {
        let onRoom = state.withLock { state in
            let oldest = state.used.removeFirst().segment
            oldest.retire()
            state.free.append(oldest)
            freeCount.store(state.free.count, ordering: .relaxed)
            return state.onRoom
        }
        onRoom()
    }

    /// Gives up all that is in use, at the end.
    func retireAll() {
        state.withLock { state in
            for item in exchange(&state.used, with: []) { item.segment.retire() }
        }
    }

    func add(_ segment: JournalSegment) {
        let onRoom = state.withLock { state in
            state.free.append(segment)
            freeCount.store(state.free.count, ordering: .relaxed)
            return state.onRoom
        }
        onRoom()
    }

    var segmentCount: Int { state.withLock { $0.free.count + $0.used.count } }

    // MARK: The syncer's side

    /// Makes everything appended so far durable, and says so.
    func sync() throws(StoreFault) {
        let end = appended.load(ordering: .acquiring)
        let start = durable.load(ordering: .relaxed)
        guard end > start else { return }
        for item in used where item.base < end && item.base + UInt64(item.segment.byteCount) > start {
            try item.segment.sync()
        }
        durable.store(end, ordering: .releasing)
        state.withLock { $0.onDurable }(end)
    }
}
