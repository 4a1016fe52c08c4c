import Glibc

extension Catalog {
    /// Opens the catalog, or makes it. One that cannot be used, being damaged or of another version, is thrown away: it
    /// holds nothing of its own.
    public static func open(_ state: StateFolder) throws(StoreFault) -> Catalog {
        if let catalog = try? Catalog(state) { return catalog }
        discard(state)
        return try Catalog(state)
    }

    private static func discard(_ state: StateFolder) {
        for file in ["", "-wal", "-shm"] { unsafe unlink(state.catalogPath + file) }
    }

    /// The catalog as the files are now, rebuilt where it is damaged.
    ///
    /// - Returns: the files that are no recordings, too.
    public static func current(
        _ state: StateFolder, _ folder: RecordingsFolder
    ) throws(StoreFault) -> (catalog: Catalog, unreadable: [String]) {
        let catalog = try open(state)
        if let unreadable = try? catalog.refresh(from: folder) { return (catalog, unreadable) }
        // Damage deep inside shows itself only when it is read.
        discard(state)
        let rebuilt = try open(state)
        return (rebuilt, try rebuilt.rebuild(from: folder))
    }

    /// Takes in what has come, gone on or gone since the last time: reads only files that the catalog does not know, or
    /// that were not sealed yet.
    private func refresh(from folder: RecordingsFolder) throws(StoreFault) -> [String] {
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
