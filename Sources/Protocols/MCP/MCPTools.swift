/// The tools that a server has shown, each by the digest of all that is said of it: name, description, schemas.
///
/// A model does what descriptions tell it, so a tool that changes under its name is worth an auditor's eye.
struct MCPTools: Sendable, Equatable {
    /// Tools remembered of one session.
    private static let maximum = 1000

    private static let columns = ["tool", "description", "sha256"]

    private(set) var digests: [String: String] = [:]

    init() {}

    init?(snapshot: JSON) {
        guard let strings = snapshot.strings else { return nil }
        digests = strings
    }

    var snapshot: JSON { .object(digests.mapValues(JSON.string)) }

    /// Takes a page of `tools/list`, and tells it: how many tools, their digests, what is new, changed, gone.
    ///
    /// - Parameter isWhole: the list has no other pages, so what is not on it is gone.
    mutating func take<Primitives: TimelinePrimitives>(
        _ tools: [JSON], isWhole: Bool, _ primitives: Primitives.Type
    ) -> (title: String, fields: [TimelineEvent.Field]) {
        let isFirst = digests.isEmpty
        var rows = TimelineRows()
        var changes: [String] = []
        var seen: Set<String> = []
        for (index, tool) in tools.prefix(Self.maximum).enumerated() {
            let name = MCPText.bounded(tool["name"]?.string ?? "?", limit: 200)
            let digest = Hex.encode(primitives.sha256(tool.encoded().span))
            if !seen.insert(name).inserted { changes.append("\(name) twice") }
            if let known = digests[name] {
                if known != digest { changes.append("\(name) changed") }
            } else if !isFirst {
                changes.append("\(name) new")
            }
            if digests[name] != nil || digests.count < Self.maximum { digests[name] = digest }
            let description = MCPText.bounded(tool["description"]?.string ?? "", limit: 1000)
            guard index < MCPText.entriesShown else { continue }
            rows.append(name)
            rows.append(description)
            rows.append(digest)
            rows.endRow()
        }
        if isWhole {
            for name in digests.keys.sorted() where !seen.contains(name) {
                changes.append("\(name) gone")
                digests[name] = nil
            }
        }
        let count = "\(tools.count) tool\(tools.count == 1 ? "" : "s")"
        var fields: [TimelineEvent.Field] = []
        if !changes.isEmpty {
            let shown = changes.prefix(MCPText.entriesShown).map(TimelineEvent.Value.text)
            fields.append(.init("changed", .list(shown)))
        }
        fields.append(
            .init(
                "tools",
                .table(columns: Self.columns, rows: rows, total: UInt64(tools.count))))
        return (changes.isEmpty ? count : "\(count), \(changes.count) changed since the last list", fields)
    }
}
