import Protocols

// The section `requests` of a rule.

extension RequestPattern {
    init?(_ section: SettingsSection) {
        self.init()
        methods = Set(section.list("methods", .httpMethod))
        paths = section.list("paths", .pathPattern)
        rpc = section.list("rpc", .namePattern("tools/call"))
        tools = section.list("tools", .namePattern("delete_*"))
        arguments = section.lists("arguments", .namePattern("/etc/*")).map { ArgumentPattern($0.key, $0.values) }
        section.checkNotEmpty("“requests” says nothing of them", "leave it out, or add methods, paths, rpc, tools, …")
        checkCalls(section)
    }

    /// What fits no request at all is a mistake, and a rule that denies nothing.
    private func checkCalls(_ section: SettingsSection) {
        guard section.has("tools") || section.has("arguments") else { return }
        let key = section.has("tools") ? "tools" : "arguments"
        if !rpc.isEmpty, !rpc.contains(where: { $0.matches("tools/call") }) {
            section.report(
                "rpc", "“\(key)” is about tools/call, and “rpc” does not name it",
                "leave “rpc” out: a rule with “\(key)” is about tools/call alone")
        }
        if !methods.isEmpty, !methods.contains("POST") {
            section.report(
                "methods", "tools are called by POST, and “methods” does not name it",
                "leave “methods” out: a rule with “\(key)” is about POST alone")
        }
    }
}

// MARK: Kinds of values

extension SettingsValue<String> {
    /// RFC 9110 §9.1: case-sensitive tokens, and those that there are have capitals.
    fileprivate static let httpMethod = SettingsValue("a method of HTTP", example: "POST") {
        text, _ throws(SettingsFault) in
        guard text.wholeMatch(of: /[A-Z][A-Z0-9_-]*/) == nil else { return text }
        guard text.uppercased().wholeMatch(of: /[A-Z][A-Z0-9_-]*/) != nil else { return nil }
        throw SettingsFault(cause: "methods of HTTP have capitals", remedy: "write \(text.uppercased())")
    }
}

extension SettingsValue<PathPattern> {
    fileprivate static let pathPattern = SettingsValue("a path, or one with “*”", example: "\"/admin/*\"") {
        text, _ throws(SettingsFault) in
        guard text.hasPrefix("/") || text.hasPrefix("*") else {
            throw SettingsFault(cause: "“\(text)” does not begin with “/”", remedy: "write /\(text)")
        }
        guard !text.contains("?") else {
            throw SettingsFault(
                cause: "rules compare paths alone, and “?” ends the path", remedy: "leave “?” and what follows it out")
        }
        let path = RequestPath(text.hasPrefix("*") ? "/" + text : text)
        guard !text.contains("%"), !path.isAmbiguous else {
            throw SettingsFault(
                cause: "“\(text)” is not how a path is compared: decoded, with one slash between names",
                remedy: "write it without %-escapes, “..”, “//”, “;” and “\\”")
        }
        return PathPattern(text)
    }
}

extension SettingsValue<Wildcard> {
    /// Compared as it stands, with `*` for anything.
    fileprivate static func namePattern(_ example: String) -> SettingsValue {
        SettingsValue("a text, or one with “*”", example: "\"\(example)\"") { text, _ throws(SettingsFault) in
            guard text.utf8.count <= 1000 else {
                throw SettingsFault(cause: "the text has more than 1000 bytes", remedy: "shorten it with “*”")
            }
            guard !text.unicodeScalars.contains(where: { DisplayText.isUnsafe($0) }) else {
                throw SettingsFault(cause: "the text holds invisible characters", remedy: "remove them")
            }
            return Wildcard(text)
        }
    }
}
