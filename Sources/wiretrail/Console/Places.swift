import Adapters
import Glibc
import Recorder

extension Option {
    static let state = Option(
        "state", "DIR", help: "keys, trusted keys, catalog and journal (default: ~/.local/state/wiretrail)")
    static let recordings = Option(
        "recordings", "DIR", help: "where the recordings are (default: ~/.local/share/wiretrail/recordings)")
}

/// The two folders that a gateway keeps: its state, and its recordings.
struct Places: Sendable {
    let statePath: String
    let recordingsPath: String

    init(_ arguments: Arguments) throws(Failure) {
        statePath = try Self.path(arguments[.state] ?? StateFolder.defaultPath { Environment[$0] }, .state)
        recordingsPath = try Self.path(arguments[.recordings] ?? Self.defaultRecordings, .recordings)
    }

    /// The state folder, made when it is missing.
    func makeState() throws(Failure) -> StateFolder {
        do throws(StoreFault) { return try StateFolder(statePath) } catch { throw Failure(error) }
    }

    /// The state folder as it is; `nil` before the first gateway ran.
    func state() throws(Failure) -> StateFolder? {
        do throws(StoreFault) { return try StateFolder.existing(statePath) } catch { throw Failure(error) }
    }

    /// The keys that are trusted; none where no state folder is.
    func trust() throws(Failure) -> TrustStore {
        guard let state = try state() else { return TrustStore([]) }
        do throws(StoreFault) { return try TrustStore(state) } catch { throw Failure(error) }
    }

    private static func path(_ path: String?, _ option: Option) throws(Failure) -> String {
        guard let path else {
            throw .usage("HOME is not set, so there is no place for the default", "name one: \(option.usage)")
        }
        // "dir/" and "dir" are one folder, and a root stays one.
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// XDG Base Directory Specification: a relative path there is to be ignored.
    private static var defaultRecordings: String? {
        if let data = Environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/wiretrail/recordings" }
        guard let home = Environment["HOME"], home.hasPrefix("/") else { return nil }
        return "\(home)/.local/share/wiretrail/recordings"
    }
}
