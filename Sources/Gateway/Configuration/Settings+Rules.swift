extension Settings {
    /// What callers may do.
    public struct Rules: Sendable, Hashable {
        /// What becomes of a statement that no rule decides.
        public var `default` = Rule.Verdict.allow
        /// In the order in which they are asked; the first one that applies decides.
        public var named: [Rule] = []
    }

    /// Applies where all that it states is true; what it does not state matters not.
    public struct Rule: Sendable, Hashable {
        public enum Verdict: String, Sendable, CaseIterable { case allow, deny, ask }

        public var name: String
        public var verdict: Verdict
        /// `nil`: whoever.
        public var who: Callers?
        /// Names; empty: all.
        public var targets: [String]
        /// `nil`: whatever.
        public var statements: Statements?
        /// `nil`: at any time.
        public var hours: Hours?
        /// Told to the caller, and to whoever answers.
        public var reason: String?
        /// How long a question waits for its answer; then it is a no.
        public var timeout: Duration

        /// What a statement has to be or to touch.
        public struct Statements: Sendable, Hashable {
            public var kinds: [String]
            /// "schema.table"; `*` stands for any part of a name.
            public var tables: [String]
            /// "schema.table.column".
            public var columns: [String]
            /// "schema.function".
            public var functions: [String]
            /// An UPDATE or DELETE without WHERE.
            public var withoutPredicate: Bool
        }

        /// A part of the week, in UTC.
        public struct Hours: Sendable, Hashable {
            public enum Day: String, Sendable, CaseIterable { case mon, tue, wed, thu, fri, sat, sun }

            /// On which it begins; all of them when none are named.
            public var days: Set<Day>
            /// Minutes since midnight.
            public var from: Int
            /// Minutes since midnight, excluded; before `from`: on the next day.
            public var to: Int
        }
    }
}

// MARK: Reading

extension Settings.Rules {
    init?(_ section: SettingsSection, _ names: SettingsNames) {
        if !section.has("default") { section.reportMissing("default", "deny") }
        self.default = section.value("default", .word, default: .deny)
        if self.default == .ask {
            section.report("default", "not every statement can be asked about", "write allow or deny; rules may ask")
        }
        named = section.sections("named", unique: "name") { Settings.Rule($0, names) }
    }
}

extension Settings.Rule {
    init?(_ section: SettingsSection, _ names: SettingsNames) {
        let name = section.required("name", .name("no-schema-changes"))
        let verdict = section.required("verdict", .word) as Verdict?
        who = section.section("who") { Settings.Callers($0, names) }
        targets = section.list("targets", names.target)
        statements = section.section("statements", Statements.init)
        hours = section.section("hours", Hours.init)
        reason = section.optional("reason", .text)
        timeout = section.value(
            "timeout", .duration(.seconds(1)...(.seconds(86_400)), example: "5m"), default: .seconds(300))
        guard let name, let verdict else { return nil }
        self.name = name
        self.verdict = verdict
        if verdict != .ask, section.has("timeout") {
            section.report("timeout", "only a rule that asks waits", "leave “timeout” out, or write verdict: ask")
        }
    }
}

extension Settings.Rule.Statements {
    init?(_ section: SettingsSection) {
        kinds = section.list("kinds", .statementKind)
        tables = section.list("tables", .qualifiedName(parts: 2, "public.customers"))
        columns = section.list("columns", .qualifiedName(parts: 3, "public.customers.card_number"))
        functions = section.list("functions", .qualifiedName(parts: 2, "pg_catalog.pg_read_file"))
        withoutPredicate = section.value("withoutPredicate", .truth, default: false)
        if section.isEmpty {
            section.context.report(
                section.position, "“statements” says nothing of them", "leave it out, or add kinds, tables, …")
        }
    }
}

extension Settings.Rule.Hours {
    init?(_ section: SettingsSection) {
        days = Set(section.list("days", .word) as [Day])
        if days.isEmpty { days = Set(Day.allCases) }
        from = section.value("from", .timeOfDay("18:00"), default: 0)
        to = section.value("to", .timeOfDay("06:00"), default: 1440)
        if from == to {
            section.report(
                "to", "“from” and “to” are the same, so there is no time between them", "leave both out for whole days")
        }
    }
}

// MARK: Kinds of values

extension SettingsValue<Int> {
    /// Minutes since midnight; 24:00 is the end of the day.
    fileprivate static func timeOfDay(_ example: String) -> SettingsValue {
        SettingsValue("a time of day", example: "\"\(example)\"") { text, _ in
            guard let match = text.wholeMatch(of: /([0-2][0-9]):([0-5][0-9])/), let hour = Int(match.1),
                let minute = Int(match.2), hour * 60 + minute <= 1440
            else { return nil }
            return hour * 60 + minute
        }
    }
}

extension SettingsValue<String> {
    /// A SQL name with at most so many parts, as PostgreSQL folds it (manual §4.1.1); `*` stands for any part of one.
    fileprivate static func qualifiedName(parts: Int, _ example: String) -> SettingsValue {
        SettingsValue("a name, or one with “*”", example: example) { text, _ throws(SettingsFault) in
            let count = text.split(separator: ".", omittingEmptySubsequences: false).count
            guard count <= parts, !text.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
                throw SettingsFault(
                    cause: "“\(text)” is not a name of at most \(parts) parts", remedy: "for example: \(example)")
            }
            return text
        }
    }

    fileprivate static let statementKind = SettingsValue("a kind of statement", example: "drop") { text, _ in
        text.wholeMatch(of: /[a-z][a-z_ ]*/) == nil ? nil : text
    }
}
