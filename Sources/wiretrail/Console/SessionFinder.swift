import Glibc
import Recorder

/// What stands at a path.
enum FileKind: Sendable {
    case file, folder, nothing

    init(of path: String) {
        var status = stat()
        // SAFETY: the path is copied by the call, and the status is ours.
        guard unsafe stat(path, &status) == 0 else {
            self = .nothing
            return
        }
        self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }
}

/// Finds the recording that a user means: a path, a session's number, a recording's name, or how that begins.
struct SessionFinder: Sendable {
    let places: Places

    init(_ places: Places) { self.places = places }

    /// - Throws: `.failed` when nothing or more than one recording fits.
    func path(of word: String) throws(Failure) -> String {
        if FileKind(of: word) != .nothing || word.contains("/") || word.hasSuffix(".wtr") { return word }
        let found = try candidates(word)
        guard let only = found.first, found.count == 1 else {
            throw found.isEmpty ? nothing(word) : several(word, found)
        }
        return only
    }

    /// All recordings of the session that the word names by its number or its key, in order of their start; `nil` where it names one
    /// recording, or a session of one connection only.
    func sharedSession(of word: String) throws(Failure) -> (key: String, paths: [String])? {
        guard FileKind(of: word) == .nothing, !word.contains("/"), FileKind(of: places.recordingsPath) == .folder else {
            return nil
        }
        let state = try places.makeState()
        do throws(StoreFault) {
            let catalog = try Catalog.current(state, RecordingsFolder(places.recordingsPath)).catalog
            let named = try catalog.lookup(word)
            guard let first = named.first, let key = first.sharedSession, UInt64(word) != nil || word == key else {
                return nil
            }
            var filter = CatalogFilter()
            (filter.sharedSession, filter.target) = (key, first.target)
            return (key, try catalog.list(filter).map { "\(places.recordingsPath)/\($0.path)" })
        } catch { throw Failure(error) }
    }

    /// Waits for a session that has just begun: its first bytes are in the journal, and reach the file within 1 s.
    func awaitPath(of word: String) throws(Failure) -> String {
        var tries = 60
        while true {
            do throws(Failure) { return try path(of: word) } catch {
                guard tries > 0, FileKind(of: places.recordingsPath) == .folder else { throw error }
                if tries == 60 { Output.log("waiting for session \(word)") }
                tries -= 1
                usleep(200_000)
            }
        }
    }

    /// All recordings that the words name, folders with all below them; those of the recordings folder when there are none.
    func paths(of words: [String]) throws(Failure) -> [String] {
        if words.isEmpty { return try all() }
        var paths: [String] = []
        for word in words {
            guard FileKind(of: word) == .folder else {
                paths.append(try path(of: word))
                continue
            }
            do throws(StoreFault) { paths += try RecordingsFolder.recordings(below: word) } catch {
                throw Failure(error)
            }
        }
        return paths
    }

    private func all() throws(Failure) -> [String] {
        guard FileKind(of: places.recordingsPath) == .folder else {
            throw noFolder
        }
        do throws(StoreFault) { return try RecordingsFolder.recordings(below: places.recordingsPath) } catch {
            throw Failure(error)
        }
    }

    private func candidates(_ word: String) throws(Failure) -> [String] {
        guard FileKind(of: places.recordingsPath) == .folder else { throw noFolder }
        let state = try places.makeState()
        do throws(StoreFault) {
            let catalog = try Catalog.current(state, RecordingsFolder(places.recordingsPath)).catalog
            return try catalog.lookup(word).map { "\(places.recordingsPath)/\($0.path)" }
        } catch { throw Failure(error) }
    }

    var noFolder: Failure {
        Failure(
            "there are no recordings: \(places.recordingsPath) is no folder",
            "name the folder that the gateway writes to: --recordings DIR")
    }

    private func nothing(_ word: String) -> Failure {
        Failure(
            "there is no file and no session “\(word)” (looked in \(places.recordingsPath))",
            "`wiretrail sessions` lists them; recordings elsewhere are found with --recordings DIR")
    }

    private func several(_ word: String, _ paths: [String]) -> Failure {
        let names = paths.prefix(3).compactMap { RecordingsFolder.recordingID(ofFile: $0)?.description }
        return Failure(
            "“\(word)” begins the names of \(paths.count) sessions",
            "write more of one: \(names.joined(separator: ", "))")
    }
}
