import CLinux
import Glibc
import Protocols
import Synchronization

/// Writes the ledger in groups, tells the catalog, and looks after the free space, on a thread of its own.
final class Bookkeeper: Sendable {
    private let book: SessionBook
    private let catalog: CatalogFeed
    private let path: String
    private let milliseconds: Int32
    /// Rung whenever the ledger has become durable: compactors may wait for that.
    private let queues: [JournalQueue]
    private let free: Atomic<UInt64>
    private let isStopping = Atomic<Bool>(false)
    private let doorbell = Doorbell()

    /// - Parameter path: the folder of recordings.
    init(
        _ book: SessionBook, _ catalog: CatalogFeed, _ path: String, _ queues: [JournalQueue], every milliseconds: Int
    ) {
        self.book = book
        self.catalog = catalog
        self.path = path
        self.queues = queues
        self.milliseconds = Int32(clamping: milliseconds)
        free = Atomic(Self.measure(path))
    }

    /// Bytes that the file system of the recordings had free a moment ago.
    var freeBytes: UInt64 { free.load(ordering: .relaxed) }

    /// Once more, then the end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        doorbell.ring()
    }

    /// Runs until stopped; `failed` is told of a ledger that could not be made durable.
    func run(failed: (StoreFault) -> Void) {
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            free.store(Self.measure(path), ordering: .relaxed)
            do throws(StoreFault) {
                let sealed = try book.enter()
                for queue in queues { queue.doorbell.ring() }
                // Comes last: it only repeats what the files tell.
                catalog.enter(sealed)
            } catch {
                // The ledger keeps what it could not write, and the journal the recordings, until there is room again.
                if !error.isFullDisk { return failed(error) }
            }
            if isLast { return }
            doorbell.wait(milliseconds: milliseconds)
        }
    }

    /// A file system that does not answer is not taken for full: writing will tell.
    private static func measure(_ path: String) -> UInt64 {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return .max }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}
