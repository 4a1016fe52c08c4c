import Protocols

// A startup packet can set what SET can: each of its parameters is a setting, and `options` holds switches of the server.

extension PostgresStartupRequest {
    /// The names of the settings that it changes; ``SQLStatement/anySetting`` where that cannot be told.
    var settings: [String] {
        parameters.flatMap { parameter -> [String] in
            switch parameter.name {
            case "user", "database", "replication": []
            case "options": Self.settings(inOptions: parameter.value)
            case let name where name.hasPrefix("_pq_."): []
            case let name: [name.lowercased()]
            }
        }
    }

    /// `-c name=value`, `-cname=value` and `--name=value` (manual, postgres); other switches are not told apart.
    private static func settings(inOptions options: [UInt8]) -> [String] {
        guard !options.contains(UInt8(ascii: "\\")) else { return [SQLStatement.anySetting] }
        var names: [String] = []
        var words = String(decoding: options, as: UTF8.self).split(whereSeparator: \.isWhitespace)[...]
        while let word = words.popFirst() {
            var assignment: Substring?
            if word == "-c" {
                assignment = words.popFirst()
            } else if word.hasPrefix("-c") || word.hasPrefix("--") {
                assignment = word.dropFirst(2)
            }
            guard let assignment, let end = assignment.firstIndex(of: "=") else { return [SQLStatement.anySetting] }
            names.append(assignment[..<end].lowercased().replacing("-", with: "_"))
        }
        return names
    }
}

extension PostgresJudge {
    /// Why a session may not begin with these settings. A rule that asks denies, since nobody can be asked before there is a
    /// session. Where the standard is to deny, drivers' own settings still pass, but no other role.
    func refusal(of startup: PostgresStartupRequest) -> PostgresRefusal? {
        guard isActive else { return nil }
        for setting in startup.settings {
            var statement = SQLStatement(.set)
            statement.settings = [setting]
            switch judgement(SQLFacts([statement])) {
            case .allow: continue
            case .deny(nil, _) where !Self.roles.contains(setting): continue
            case .deny(let rule, let cause): return PostgresRefusal(rule, cause)
            case .ask(let rule, let cause): return PostgresRefusal(rule, cause)
            }
        }
        return nil
    }

    private static let roles: Set = ["role", "session_authorization", SQLStatement.anySetting]
}
