import Protocols
import Synchronization

/// Makes the journals durable: in groups by the clock, and at once where strict durability waits for it.
final class Syncer: Sendable {
    private let queues: [JournalQueue]
    private let milliseconds: Int32
    private let isStopping = Atomic<Bool>(false)
    private let doorbell = Doorbell()

    init(_ queues: [JournalQueue], every milliseconds: Int) {
        self.queues = queues
        self.milliseconds = Int32(clamping: milliseconds)
    }

    /// A sync starts as soon as none runs.
    func request() { doorbell.ring() }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        doorbell.ring()
    }

    /// Runs until stopped; `failed` is told of a sync that failed, which is never repeated.
    func run(failed: (StoreFault) -> Void) {
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            do throws(StoreFault) {
                for queue in queues { _ = try queue.sync() }
            } catch {
                return failed(error)
            }
            if isLast { return }
            doorbell.wait(milliseconds: milliseconds)
        }
    }
}
