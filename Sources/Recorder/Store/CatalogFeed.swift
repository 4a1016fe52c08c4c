import Synchronization

/// Enters recordings into the catalog as the gateway seals them.
///
/// The catalog is an index that ``Catalog/current(_:_:)`` brings up to date: a failure here costs time there, nothing else.
final class CatalogFeed: Sendable {
    private let catalog: Mutex<Catalog?>

    init(_ state: StateFolder) {
        catalog = Mutex(try? Catalog.open(state))
    }

    /// Takes recordings that were sealed, all in one transaction.
    func enter(_ entries: [CatalogEntry]) {
        guard !entries.isEmpty else { return }
        catalog.withLock { catalog in try? catalog?.update(entries) }
    }
}
