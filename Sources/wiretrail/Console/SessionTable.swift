import Protocols
import Recorder

/// A list of sessions, for people or for programs.
struct SessionTable {
    private let entries: [CatalogEntry]
    /// One for each line of the table: recordings that share a session stand where the first of them does.
    private let groups: [[CatalogEntry]]
    private let folder: String
    private let style: Style

    /// - Parameter folder: what the entries' paths are relative to.
    init(_ entries: [CatalogEntry], in folder: String, style: Style) {
        (self.entries, self.folder, self.style) = (entries, folder, style)
        groups = Self.groups(entries)
    }

    /// In columns; all that peers said is made safe to show.
    var text: String {
        guard !entries.isEmpty else { return "no sessions\n" }
        var table = TextTable(
            ["SESSION", "BEGUN (UTC)", "LASTED", "WHO", "TARGET", "SENT", "RECEIVED", "STATE"], style: style)
        table.rows = groups.map(row)
        return table.text { row, _ in paint(Self.state(groups[row])) }
    }

    /// One object per line. Version 1: see docs/sessions.md.
    var jsonLines: String { entries.map { object($0).text + "\n" }.joined() }

    private static func groups(_ entries: [CatalogEntry]) -> [[CatalogEntry]] {
        var places: [[String]: Int] = [:]
        var groups: [[CatalogEntry]] = []
        for entry in entries {
            guard let key = entry.sharedSession else {
                groups.append([entry])
                continue
            }
            let place = places[[key, entry.target]] ?? groups.count
            places[[key, entry.target]] = place
            if place == groups.count { groups.append([]) }
            groups[place].append(entry)
        }
        return groups
    }

    /// That of the recording that is furthest from being whole.
    private static func state(_ group: [CatalogEntry]) -> CatalogEntry.State {
        let states = Set(group.map(\.state))
        for state in [CatalogEntry.State.damaged, .open, .interrupted] where states.contains(state) { return state }
        return .closed
    }

    private func row(_ group: [CatalogEntry]) -> [String] {
        let entry = group[0]
        let begun = UTCDate(wallNanoseconds: entry.startWallNanoseconds)
        let ends = group.compactMap(\.endWallNanoseconds)
        let lasted =
            ends.count == group.count
            ? Amount.duration(nanoseconds: (ends.max() ?? 0) - entry.startWallNanoseconds) : "–"
        let others = group.count > 1 ? " +\(group.count - 1)" : ""
        return [
            "\(entry.sessionNumber)\(others)", "\(begun.day8601) \(begun.time8601.prefix(8))", lasted,
            DisplayText.line(entry.identity ?? "–", limit: 40), DisplayText.line(entry.target, limit: 60),
            Amount.size(group.reduce(0) { $0 + $1.bytes.clientToServer }),
            Amount.size(group.reduce(0) { $0 + $1.bytes.serverToClient }), Self.state(group).rawValue,
        ]
    }

    private func paint(_ state: CatalogEntry.State) -> String {
        switch state {
        case .closed: state.rawValue
        case .open: style.good(state.rawValue)
        case .interrupted: style.doubtful(state.rawValue)
        case .damaged: style.bad(state.rawValue)
        }
    }

    private func object(_ entry: CatalogEntry) -> JSON {
        .object([
            "v": 1, "type": "session", "session": .unsigned(entry.sessionNumber),
            "recording": .string(entry.recording.description), "state": .string(entry.state.rawValue),
            "begun": .string(UTCDate(wallNanoseconds: entry.startWallNanoseconds).extended8601),
            "ended": entry.endWallNanoseconds.map { .string(UTCDate(wallNanoseconds: $0).extended8601) } ?? .null,
            "identity": entry.identity.map { .string($0) } ?? .null,
            "method": entry.method.map { .string($0) } ?? .null, "records": .unsigned(entry.records),
            "client": .string(entry.client),
            "target": .string(entry.target), "protocol": .string(entry.protocolName),
            "sent": .unsigned(entry.bytes.clientToServer), "received": .unsigned(entry.bytes.serverToClient),
            "path": .string("\(folder)/\(entry.path)"),
            "sharedSession": entry.sharedSession.map { .string($0) } ?? .null,
        ])
    }
}
