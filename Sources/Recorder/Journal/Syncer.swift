import Protocols
import Synchronization

/// Makes one lane's journal durable, on a thread of its own: in groups by the clock, and at once where somebody waits.
final class Syncer: Sendable {
    private let queue: JournalQueue
    private let milliseconds: Int32
    private let isStopping = Atomic<Bool>(false)
    private let doorbell = Doorbell()

    init(_ queue: JournalQueue, every milliseconds: Int) {
        self.queue = queue
        self.milliseconds = Int32(clamping: milliseconds)
    }

    /// A sync starts as soon as none runs.
    func request() { doorbell.ring() }

    /// One more sync, then the end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        doorbell.ring()
    }

    /// Runs until stopped; `failed` is told of a sync that failed, which is never repeated.
    func run(failed: (StoreFault) -> Void) {
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            do throws(StoreFault) { try queue.sync() } catch { return failed(error) }
            if isLast { return }
            doorbell.wait(milliseconds: milliseconds)
        }
    }
}
