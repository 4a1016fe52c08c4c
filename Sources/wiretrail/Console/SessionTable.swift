import Protocols
import Recorder

/// A list of sessions, for people or for programs.
struct SessionTable {
    private let entries: [CatalogEntry]
    private let folder: String
    private let style: Style

    /// - Parameter folder: what the entries' paths are relative to.
    init(_ entries: [CatalogEntry], in folder: String, style: Style) {
        (self.entries, self.folder, self.style) = (entries, folder, style)
    }

    /// In columns; all that peers said is made safe to show.
    var text: String {
        guard !entries.isEmpty else { return "no sessions\n" }
        var table = TextTable(
            ["SESSION", "BEGUN (UTC)", "LASTED", "WHO", "TARGET", "SENT", "RECEIVED", "STATE"], style: style)
        table.rows = entries.map(row)
        return table.text { row, _ in paint(entries[row].state) }
    }

    /// One object per line. Version 1: see docs/sessions.md.
    var jsonLines: String { entries.map { object($0).text + "\n" }.joined() }

    private func row(_ entry: CatalogEntry) -> [String] {
        let begun = UTCDate(wallNanoseconds: entry.startWallNanoseconds)
        let lasted =
            entry.endWallNanoseconds.map { Amount.duration(nanoseconds: $0 - entry.startWallNanoseconds) } ?? "–"
        return [
            "\(entry.sessionNumber)", "\(begun.day8601) \(begun.time8601.prefix(8))", lasted,
            DisplayText.line(entry.identity ?? "–", limit: 40), DisplayText.line(entry.target, limit: 60),
            Amount.size(entry.bytes.clientToServer), Amount.size(entry.bytes.serverToClient), entry.state.rawValue,
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
        ])
    }
}
