import Gateway

extension Command {
    static let configCheck = Command(
        name: "config check",
        summary: "tell everything that is wrong with a configuration",
        discussion: """
            Reads wiretrail.yaml as the gateway does: keys, values, contradictions, and the files and variables that it
            names, with their modes. Each problem is told on standard error with its line and column, and what to do
            about it. Nothing is started and nothing is changed.

            Without FILE it is ./wiretrail.yaml, or else /etc/wiretrail/wiretrail.yaml.
            """,
        operands: [Operand(name: "FILE", help: "the configuration", isRequired: false)],
        examples: [
            Example("wiretrail config check", "the configuration in this folder, or the system's"),
            Example("wiretrail config check /etc/wiretrail/wiretrail.yaml", "that one; exit code 2 when it is wrong"),
        ],
        run: { (arguments) throws(Failure) in
            let (path, settings) = try ConfigurationFile.read(arguments.operands.first)
            try Output.line("\(path) is valid: \(settings.summary)")
            return .success
        })
}

extension Settings {
    /// "2 listeners, 1 target, 3 users, 4 rules".
    fileprivate var summary: String {
        let counts = [
            ("listener", listeners.count), ("target", targets.count), ("user", identities.users.count),
            ("rule", rules.rules.count),
        ]
        return counts.map { "\($0.1) \($0.0)\($0.1 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
}
