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
        let rows =
            [["SESSION", "BEGUN (UTC)", "LASTED", "WHO", "TARGET", "SENT", "RECEIVED", "STATE"]] + entries.map(row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for (number, row) in rows.enumerated() {
            let cells = row.indices.map { row[$0].padding(to: widths[$0]) }
            let line = cells.dropLast().joined(separator: "  ") + "  "
            text += number == 0 ? style.title(line + row[row.count - 1]) : line + paint(entries[number - 1].state)
            text += "\n"
        }
        return text
    }

    /// One object per line. Version 1: see docs/sessions.md.
    var jsonLines: String { entries.map { object($0).text + "\n" }.joined() }

    private func row(_ entry: CatalogEntry) -> [String] {
        let begun = UTCDate(wallNanoseconds: entry.startWallNanoseconds)
        let lasted = entry.endWallNanoseconds.map { Self.duration($0 - entry.startWallNanoseconds) } ?? "–"
        return [
            "\(entry.sessionNumber)", "\(begun.day8601) \(begun.time8601.prefix(8))", lasted,
            DisplayText.line(entry.identity ?? "–", limit: 40), DisplayText.line(entry.target, limit: 60),
            Self.size(entry.bytes.clientToServer), Self.size(entry.bytes.serverToClient), entry.state.rawValue,
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

    /// "0.012 s", "3 min 20 s", "2 h 5 min".
    private static func duration(_ nanoseconds: Int64) -> String {
        let milliseconds = max(0, nanoseconds / 1_000_000)
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds).\(String(String(milliseconds % 1000 + 1000).dropFirst())) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }

    /// "512 B", "3.4 MB", in powers of ten.
    private static func size(_ count: UInt64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = count * 10
        var unit = 0
        while value >= 10_000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(value / 10).\(value % 10) \(units[unit])"
    }
}
