import Glibc
import Protocols

/// Which recordings to list. Everything that is given must fit.
public struct CatalogFilter: Sendable, Hashable {
    /// Recordings that were still going on at or after this time; nanoseconds since 1970.
    public var from: Int64?
    /// Recordings that began before this time.
    public var to: Int64?
    public var identity: String?
    public var target: String?
    public var protocolName: String?
    public var state: CatalogEntry.State?
    public var sessionNumber: UInt64?
    /// Recordings that share this key of a session.
    public var sharedSession: String?
    /// A recording's name, or how it begins.
    public var recordingPrefix: String?
    /// The latest sessions only, each with all of its recordings that fit; a count.
    public var limit: Int?

    public init() {}
}

/// An index over recordings, in SQLite. Holds nothing of its own: ``rebuild(from:)`` makes it again from the files.
///
/// Belongs to one thread, off the event loops; readers in other processes are welcome at any time (WAL).
public final class Catalog {
    private let database: Database
    private let upsert: Statement

    private static let version = 3
    private static let columns =
        "recording, session, start, end, identity, method, client, target, protocol, bytes_in, bytes_out, records, state, path, shared_session"
    private static let schema = """
        CREATE TABLE IF NOT EXISTS recordings (
            recording TEXT PRIMARY KEY, session INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER, identity TEXT,
            method TEXT, client TEXT NOT NULL, target TEXT NOT NULL, protocol TEXT NOT NULL, bytes_in INTEGER NOT NULL,
            bytes_out INTEGER NOT NULL, records INTEGER NOT NULL, state TEXT NOT NULL, path TEXT NOT NULL, shared_session TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS recordings_start ON recordings (start);
        CREATE INDEX IF NOT EXISTS recordings_session ON recordings (session);
        CREATE INDEX IF NOT EXISTS recordings_shared_session ON recordings (shared_session);
        PRAGMA user_version = \(version);
        """

    /// Opens the catalog of a state folder, or makes it. See ``open(_:)``.
    ///
    /// - Throws: `.refused` when the file is no catalog, or one of another version.
    init(_ state: StateFolder) throws(StoreFault) {
        database = try Database(state.catalogPath)
        // An index that can be made again needs no sync per commit.
        try database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        var found: Int64 = 0
        try database.prepare("PRAGMA user_version").run { found = $0.integer(0) }
        guard found == 0 || found == Int64(Self.version) else {
            throw .refused(
                path: state.catalogPath, reason: "is a catalog of another version")
        }
        try database.run(Self.schema)
        upsert = try database.prepare(
            "INSERT OR REPLACE INTO recordings (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    }

    /// Enters recordings, or what is new about them, in one transaction.
    public func update(_ entries: [CatalogEntry]) throws(StoreFault) {
        try database.transaction { () throws(StoreFault) in
            for entry in entries { try upsert.run(Self.values(entry)) }
        }
    }

    /// Forgets everything and reads all files below the folder again.
    ///
    /// - Returns: the files that are no recordings.
    @discardableResult
    public func rebuild(from folder: RecordingsFolder) throws(StoreFault) -> [String] {
        let paths = try RecordingsFolder.recordings(below: folder.path)
        var unreadable: [String] = []
        try database.transaction { () throws(StoreFault) in
            try database.run("DELETE FROM recordings")
            for path in paths {
                if let entry = try CatalogEntry(file: path, in: folder) {
                    try upsert.run(Self.values(entry))
                } else {
                    unreadable.append(path)
                }
            }
        }
        return unreadable
    }

    /// What recordings of one session have in common: their key and target, or being one.
    private static let session = "ifnull(shared_session || char(10) || target, recording)"

    /// The recordings that fit, in order of their start.
    public func list(_ filter: CatalogFilter = CatalogFilter()) throws(StoreFault) -> [CatalogEntry] {
        var conditions: [String] = []
        var values: [Statement.Value] = []
        func demand(_ condition: String, _ value: Statement.Value?) {
            guard let value else { return }
            conditions.append(condition)
            values.append(value)
        }
        demand("(end IS NULL OR end >= ?)", filter.from.map { .integer($0) })
        demand("start < ?", filter.to.map { .integer($0) })
        demand("identity = ?", filter.identity.map { .text($0) })
        demand("target = ?", filter.target.map { .text($0) })
        demand("protocol = ?", filter.protocolName.map { .text($0) })
        demand("state = ?", filter.state.map { .text($0.rawValue) })
        demand("session = ?", filter.sessionNumber.map { .integer(Int64(clamping: $0)) })
        demand("shared_session = ?", filter.sharedSession.map { .text($0) })
        // Names hold no wildcard; what a user gives may, so it is compared, not matched.
        demand("instr(recording, ?) = 1", filter.recordingPrefix.map { .text($0) })
        if let limit = filter.limit {
            let fitting = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
            conditions.append(
                "\(Self.session) IN (SELECT \(Self.session) FROM recordings \(fitting) GROUP BY 1 "
                    + "ORDER BY max(start) DESC, max(recording) DESC LIMIT ?)")
            values += values + [.integer(Int64(limit))]
        }
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        var entries: [CatalogEntry] = []
        try database.prepare(
            "SELECT \(Self.columns) FROM recordings \(condition) ORDER BY start DESC, recording DESC"
        ).run(values) { row in
            if let entry = Self.entry(row) { entries.append(entry) }
        }
        return entries.reversed()
    }

    /// The recordings that a user's word may mean: the number of a session, a recording's name or how it begins, or the key of
    /// a session that several share.
    public func lookup(_ word: String) throws(StoreFault) -> [CatalogEntry] {
        var filter = CatalogFilter()
        if let number = UInt64(word) {
            filter.sessionNumber = number
        } else {
            filter.recordingPrefix = word.lowercased()
        }
        let found = try list(filter)
        guard found.isEmpty else { return found }
        filter = CatalogFilter()
        filter.sharedSession = word
        return try list(filter)
    }

    private static func values(_ entry: CatalogEntry) -> [Statement.Value] {
        [
            .text(entry.recording.description), .integer(Int64(clamping: entry.sessionNumber)),
            .integer(entry.startWallNanoseconds), entry.endWallNanoseconds.map { .integer($0) } ?? .null,
            entry.identity.map { .text($0) } ?? .null, entry.method.map { .text($0) } ?? .null, .text(entry.client),
            .text(entry.target), .text(entry.protocolName), .integer(Int64(clamping: entry.bytes.clientToServer)),
            .integer(Int64(clamping: entry.bytes.serverToClient)), .integer(Int64(clamping: entry.records)),
            .text(entry.state.rawValue), .text(entry.path), entry.sharedSession.map { .text($0) } ?? .null,
        ]
    }

    private static func entry(_ row: borrowing Statement.Row) -> CatalogEntry? {
        guard let recording = row.text(0).flatMap({ RecordingID($0) }),
            let state = row.text(12).flatMap({ CatalogEntry.State(rawValue: $0) }), let path = row.text(13)
        else { return nil }
        return CatalogEntry(
            recording: recording, sessionNumber: UInt64(clamping: row.integer(1)),
            startWallNanoseconds: row.integer(2), endWallNanoseconds: row.isNull(3) ? nil : row.integer(3),
            identity: row.text(4), method: row.text(5), client: row.text(6) ?? "", target: row.text(7) ?? "",
            protocolName: row.text(8) ?? "",
            bytes: StreamOffsets(
                clientToServer: UInt64(clamping: row.integer(9)), serverToClient: UInt64(clamping: row.integer(10))),
            records: UInt64(clamping: row.integer(11)), state: state, path: path,
            sharedSession: row.text(14))
    }
}
