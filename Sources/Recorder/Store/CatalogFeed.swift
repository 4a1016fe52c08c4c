import Synchronization

/// Enters recordings into the catalog as the gateway seals them.
///
/// The catalog is an index that ``Catalog/current(_:_:)`` brings up to date: a failure here costs time there, nothing else.
final class CatalogFeed: Sendable {
    private let folder: RecordingsFolder
    private let catalog: Mutex<Catalog?>

    init(_ state: StateFolder, _ folder: RecordingsFolder) {
        self.folder = folder
        catalog = Mutex(try? Catalog.open(state))
    }

    /// Takes the recordings in these files, all in one transaction.
    func enter(_ paths: [String]) {
        guard !paths.isEmpty else { return }
        let entries = paths.compactMap { try? CatalogEntry(file: $0, in: folder) }
        catalog.withLock { catalog in try? catalog?.update(entries) }
    }
}
