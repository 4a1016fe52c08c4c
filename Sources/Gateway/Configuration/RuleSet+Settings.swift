import Protocols

// The section `rules` of wiretrail.yaml.

extension RuleSet {
    init?(_ section: SettingsSection, _ names: SettingsNames) {
        // Said, never assumed: it decides whether what nobody has thought of is let through.
        let standard = section.required("default", .word) as Standard?
        self.init(section.sections("named", unique: "name") { Rule($0, names) }, standard: standard ?? .deny)
        checkReach(section)
    }

    /// The first rule that fits decides, so nothing behind one that always fits is ever asked.
    private func checkReach(_ section: SettingsSection) {
        let places = section.positions(in: "named", of: "name")
        guard places.count == rules.count, let first = rules.firstIndex(where: \.fitsAlways) else { return }
        for place in places[(first + 1)...] {
            section.context.report(
                place, "this rule is never asked, since “\(rules[first].name)” before it always decides",
                "put it before that one, or say in that one whom and what it is about")
        }
    }
}

extension Rule {
    fileprivate var fitsAlways: Bool {
        coversEverything && users.isEmpty && groups.isEmpty && targets.isEmpty && hours == nil
    }

    fileprivate init?(_ section: SettingsSection, _ names: SettingsNames) {
        let name = section.required("name", .name("no-schema-changes"))
        let action = section.required("verdict", .word) as Action?
        self.init(name ?? "", action ?? .deny)
        _ = section.section("who") { readCallers($0, names) }
        targets = section.list("targets", names.targetPattern)
        _ = section.section("statements") { readStatements($0) }
        requests = section.section("requests", RequestPattern.init)
        if section.has("statements"), section.has("requests") {
            section.report(
                "requests", "a rule is about SQL statements or about HTTP requests, and nothing is both",
                "make two rules of it")
        }
        hours = section.section("hours", RuleHours.init)
        message = section.optional("reason", .text)
        let limits: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
        patience = section.value("timeout", .duration(limits, example: "5m"), default: patience)
        if self.action != .ask, section.has("timeout") {
            section.report("timeout", "only a rule that asks waits", "leave “timeout” out, or write verdict: ask")
        }
    }

    private mutating func readCallers(_ section: SettingsSection, _ names: SettingsNames) {
        users = section.list("users", names.userPattern)
        groups = section.list("groups", names.groupPattern)
        section.checkNotEmpty("“who” names nobody", "leave it out, or add users: […] or groups: […]")
    }

    private mutating func readStatements(_ section: SettingsSection) {
        statements = section.list("kinds", .statementKinds).reduce(into: []) { $0.formUnion($1) }
        tables = section.list("tables", .qualifiedName("public.customers"))
        columns = section.list("columns", .columnName)
        functions = section.list("functions", .qualifiedName("pg_read_file"))
        settings = section.list("settings", .settingName)
        withoutWhere = section.value("withoutPredicate", .truth, default: false)
        section.checkNotEmpty("“statements” says nothing of them", "leave it out, or add kinds, tables, …")
        if withoutWhere, !statements.isEmpty, statements.isDisjoint(with: [.update, .delete]) {
            section.report(
                "withoutPredicate", "only UPDATE and DELETE can lack a WHERE, and “kinds” names neither",
                "add update or delete to “kinds”, or leave one of the two out")
        }
        let others = ["kinds", "tables", "columns", "functions", "withoutPredicate"].filter(section.has)
        if section.has("settings"), let other = others.first {
            section.report(
                "settings", "a rule about settings is about nothing else",
                "leave “\(other)” out, and make a rule of its own of it")
        }
    }
}

extension RuleHours {
    fileprivate init?(_ section: SettingsSection) {
        self.init(days: Set(section.list("days", .word)))
        start = section.value("from", .timeOfDay("18:00"), default: start)
        end = section.value("to", .timeOfDay("06:00"), default: end)
        if start == end {
            section.report("to", "“from” and “to” are the same", "leave both out for whole days")
        }
    }
}

// MARK: Kinds of values

extension SettingsValue<Int> {
    /// Minutes since midnight; 24:00 is the end of the day.
    fileprivate static func timeOfDay(_ example: String) -> SettingsValue {
        SettingsValue("a time of day", example: "\"\(example)\"") { text, _ in RuleHours.minutes(text) }
    }
}

extension SettingsValue<Set<SQLKind>> {
    /// The word of one kind, or of several.
    fileprivate static let statementKinds = SettingsValue("a kind of statement", example: "drop") {
        text, _ throws(SettingsFault) in
        if let kind = SQLKind(rawValue: text) { return [kind] }
        if let kinds = SQLKind.groups[text] { return kinds }
        let words = SQLKind.allCases.map(\.rawValue) + SQLKind.groups.keys.sorted()
        let near = Suggestion.nearest(to: text, among: words).map { "did you mean “\($0)”? " } ?? ""
        throw SettingsFault(
            cause: "“\(text)” is no kind of statement", remedy: "\(near)there are: \(words.joined(separator: ", "))")
    }
}

extension SettingsValue<TablePattern> {
    fileprivate static func qualifiedName(_ example: String) -> SettingsValue {
        SettingsValue("a name, or one with “*”", example: example) { text, _ throws(SettingsFault) in
            let parts = try SQLNameText.parts(text)
            guard parts.count <= 2 else {
                throw SettingsFault(
                    cause: "“\(text)” has more than two parts", remedy: "write NAME, or SCHEMA.NAME: \(example)")
            }
            return TablePattern(parts.joined(separator: "."))
        }
    }
}

extension SettingsValue<Wildcard> {
    fileprivate static let columnName = SettingsValue("a column's name", example: "card_number") {
        text, _ throws(SettingsFault) in
        let parts = try SQLNameText.parts(text)
        guard parts.count == 1 else {
            throw SettingsFault(
                cause: "“\(text)” is more than a column's name",
                remedy: "write the column here, and its table in “tables” beside it")
        }
        return Wildcard(parts[0])
    }

    /// Case matters not to the server, which keeps them in lower case.
    fileprivate static let settingName = SettingsValue("a setting's name", example: "search_path") { text, _ in
        Wildcard(text.lowercased())
    }
}

/// Names as rules have them: as the server keeps them.
private enum SQLNameText {
    /// The parts of a name, without quotes.
    static func parts(_ text: String) throws(SettingsFault) -> [String] {
        var parts: [String] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let isQuoted = part.count > 2 && part.hasPrefix("\"") && part.hasSuffix("\"")
            let name = isQuoted ? part.dropFirst().dropLast() : part
            guard !name.isEmpty, !name.contains("\"") else {
                throw SettingsFault(
                    cause: "“\(text)” is no name", remedy: "quotes stand around a whole part: '\"Customers\"'")
            }
            // Manual §4.1.1: names that are not quoted in SQL are kept in lower case, so this would never fit.
            guard isQuoted || !name.contains(where: { $0.isASCII && $0.isUppercase }) else {
                throw SettingsFault(
                    cause: "the server keeps names in lower case, unless they were quoted when they were made",
                    remedy: "write \(text.lowercased()), or quote it here, too: '\"\(name)\"'")
            }
            parts.append(String(name))
        }
        return parts
    }
}
