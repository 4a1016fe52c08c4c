/// The pages that `--help` prints, made from the declarations.
struct HelpPage: Sendable {
    let style: Style

    /// Of the narrowest terminals, in characters.
    private static let width = 80

    func overview(_ commands: [Command]) -> String {
        var page = """
            Wiretrail stands between clients (psql, curl, MCP) and their servers, and
            keeps a byte-exact, tamper-evident recording of what they say.

            \(style.title("Usage"))
              wiretrail COMMAND [ARGUMENT…]

            """
        page += section("Commands", commands.map { ($0.name, $0.summary) })
        page += examples("Start here", Self.first)
        page += section("Exit codes", ExitCode.allCases.map { (String($0.rawValue), $0.meaning) })
        page += section(
            "Environment",
            [
                ("PGPASSWORD, PGPASSFILE", "the upstream's password, as psql takes it; else ~/.pgpass"),
                ("NO_COLOR", "set to anything: no colours"),
                (
                    "XDG_STATE_HOME",
                    "keys, trusted keys, catalog and journal are in wiretrail/ below it (~/.local/state)"
                ),
                ("XDG_DATA_HOME", "recordings are in wiretrail/recordings/ below it (~/.local/share)"),
            ])
        return page + "\n`wiretrail COMMAND --help` tells more about each command.\n"
    }

    func page(_ command: Command) -> String {
        var page = "wiretrail \(command.name): \(command.summary)\n"
        page += "\n\(style.title("Usage"))\n  \(command.usage)\n"
        page += paragraphs(command.discussion)
        page += section("Arguments", command.operands.map { ($0.name, $0.help) })
        page += section("Options", command.allOptions.map { ($0.usage, $0.help) })
        page += examples("Examples", command.examples)
        let codes = [ExitCode.success, .failed, .usage] + command.exits
        page += section("Exit codes", codes.map { (String($0.rawValue), $0.meaning) })
        return page
    }

    private static let first = [
        Example("wiretrail record postgres://alice@db.example/shop", "then connect to the address that it prints"),
        Example("wiretrail sessions", "who did what, when, and how to read it"),
        Example("wiretrail timeline 1", "the first session as a story"),
        Example("wiretrail verify 1", "proves that nothing was changed"),
    ]

    private func examples(_ title: String, _ examples: [Example]) -> String {
        guard !examples.isEmpty else { return "" }
        let lines = examples.map { "  \(style.name($0.line))\n      \($0.says)\n" }
        return "\n\(style.title(title))\n" + lines.joined()
    }

    /// Two columns; the second one wraps, and goes below a first one that is too wide.
    private func section(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let width = min(28, rows.map(\.0.count).max() ?? 0)
        var text = "\n\(style.title(title))\n"
        for (left, right) in rows {
            let lines = wrap(right, to: Self.width - width - 4)
            let indent = "\n" + String(repeating: " ", count: width + 4)
            text += "  " + style.name(left)
            text += left.count > width ? indent : String(repeating: " ", count: width - left.count + 2)
            text += lines.joined(separator: indent) + "\n"
        }
        return text
    }

    private func paragraphs(_ text: String) -> String {
        text.split(separator: "\n\n").map { "\n" + wrap(String($0), to: Self.width).joined(separator: "\n") + "\n" }
            .joined()
    }

    private func wrap(_ text: String, to width: Int) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
