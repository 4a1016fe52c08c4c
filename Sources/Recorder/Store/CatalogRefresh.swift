import Glibc

extension Catalog {
    /// Opens the catalog for ``rebuild(from:)``: one that cannot be used is thrown away, since it holds nothing of its own.
    public static func openOrReplace(_ state: StateFolder) throws(StoreFault) -> Catalog {
        if let catalog = try? Catalog(state) { return catalog }
        for file in ["", "-wal", "-shm"] { unsafe unlink(state.catalogPath + file) }
        return try Catalog(state)
    }

    /// Takes in what has come, gone on or gone since the last time: reads only files that the catalog does not know, or
    /// that were not sealed yet.
    ///
    /// - Returns: the files that are no recordings.
    @discardableResult
    public func refresh(from folder: RecordingsFolder) throws(StoreFault) -> [String] {
        var known: [String: CatalogEntry.State] = [:]
        for entry in try list() { known["\(folder.path)/\(entry.path)"] = entry.state }
        var news: [CatalogEntry] = []
        var unreadable: [String] = []
        for path in try RecordingsFolder.recordings(below: folder.path) {
            let state = known.removeValue(forKey: path)
            guard state == nil || state == .open else { continue }
            if let entry = try CatalogEntry(file: path, in: folder) {
                news.append(entry)
            } else {
                unreadable.append(path)
            }
        }
        // Files that are gone, or a catalog of another folder.
        guard known.isEmpty else { return try rebuild(from: folder) }
        try update(news)
        return unreadable
    }
}
