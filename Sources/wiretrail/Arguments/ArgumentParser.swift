import Protocols

/// Turns the words of a command line into a command and its arguments, or into help.
struct ArgumentParser: Sendable {
    let commands: [Command]

    enum Result: Sendable {
        case run(Command, Arguments)
        case help(Command?)
        case version
    }

    /// - Parameter words: without the program's name.
    func parse(_ words: [String]) throws(Failure) -> Result {
        guard let first = words.first else {
            throw .usage("no command was given", "run: wiretrail --help")
        }
        switch first {
        case "--help", "-h": return .help(nil)
        case "--version", "-V": return .version
        case "help": return words.count == 1 ? .help(nil) : .help(try command(words.dropFirst()).command)
        default: break
        }
        let (command, rest) = try command(words[...])
        return try parse(rest, for: command)
    }

    // MARK: The command

    private func command(_ words: ArraySlice<String>) throws(Failure) -> (command: Command, rest: ArraySlice<String>) {
        let begun = commands.filter { words.starts(with: $0.words) }
        if let command = begun.max(by: { $0.words.count < $1.words.count }) {
            return (command, words.dropFirst(command.words.count))
        }
        throw unknown(Array(words.prefix(2)))
    }

    private func unknown(_ words: [String]) -> Failure {
        let first = words[0]
        if first.hasPrefix("-") {
            return .usage(
                "“\(first)” stands where a command must", "say what to do first, as in: wiretrail sessions \(first)")
        }
        if first.contains("://") {
            return .usage("a URL stands where a command must", "write: wiretrail record \(Self.repeatable(first))")
        }
        let inner = commands.filter { $0.words.count > 1 && $0.words[0] == first }
        if !inner.isEmpty {
            let lines = inner.map { "wiretrail \($0.name)" }.joined(separator: ", ")
            return .usage("“\(words.joined(separator: " "))” is no command", "did you mean: \(lines)?")
        }
        let names = commands.map(\.name)
        if let near = Suggestion.nearest(to: words.joined(separator: " "), among: names)
            ?? Suggestion.nearest(to: first, among: names)
        {
            return .usage("“\(first)” is no command", "did you mean: wiretrail \(near)?")
        }
        return .usage("“\(first)” is no command", "the commands are: \(names.joined(separator: ", "))")
    }

    /// The word as it may stand in a message: a URL may hold a password.
    private static func repeatable(_ word: String) -> String {
        word.firstRange(of: "://").map { word[..<$0.upperBound] + "…" } ?? word
    }

    // MARK: Its options and operands

    private func parse(_ words: ArraySlice<String>, for command: Command) throws(Failure) -> Result {
        var arguments = Arguments()
        var rest = words
        while let word = rest.popFirst() {
            if word == "--" {
                arguments.operands += rest
                break
            } else if word == "--help" || word == "-h" {
                return .help(command)
            } else if word.hasPrefix("-"), word.count > 1 {
                try option(word, &rest, command, &arguments)
            } else {
                arguments.operands.append(word)
            }
        }
        try check(arguments.operands, of: command)
        return .run(command, arguments)
    }

    private func option(
        _ word: String, _ rest: inout ArraySlice<String>, _ command: Command, _ arguments: inout Arguments
    ) throws(Failure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = command.allOptions.first(where: { "--\($0.name)" == parts[0] }) else {
            throw unknownOption(parts[0], command)
        }
        guard !arguments.has(option) || option.isRepeatable else {
            throw .usage("--\(option.name) is given twice", "leave one of them out")
        }
        guard let placeholder = option.value else {
            guard parts.count == 1 else {
                throw .usage("--\(option.name) takes no value", "write --\(option.name) alone, or leave it out")
            }
            return arguments.add(option, "")
        }
        // A value that begins with two hyphens is far more often a forgotten value; `=` serves the rest.
        let next = parts.count == 2 ? parts[1] : rest.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
        guard let value = next, !value.isEmpty else {
            throw .usage("--\(option.name) needs a value", "write: --\(option.name) \(placeholder)")
        }
        if parts.count == 1 { rest.removeFirst() }
        arguments.add(option, value)
    }

    private func unknownOption(_ word: String, _ command: Command) -> Failure {
        let name = String(word.drop { $0 == "-" })
        let cause = "wiretrail \(command.name) has no option \(word)"
        let names = command.allOptions.map(\.name)
        if names.contains(name) { return .usage(cause, "options begin with two hyphens: --\(name)") }
        if let near = Suggestion.nearest(to: name, among: names) { return .usage(cause, "did you mean --\(near)?") }
        let others = commands.filter { $0.options.contains { $0.name == name } }.map { "wiretrail \($0.name)" }
        if !others.isEmpty { return .usage(cause, "it belongs to: \(others.joined(separator: ", "))") }
        return .usage(cause, "run: wiretrail \(command.name) --help")
    }

    private func check(_ given: [String], of command: Command) throws(Failure) {
        let usage = "write: \(command.usage)"
        let required = command.operands.filter(\.isRequired)
        if given.count < required.count {
            throw .usage("wiretrail \(command.name) needs \(required[given.count].name)", usage)
        }
        if given.count > command.operands.count, command.operands.last?.isRepeated != true {
            let extra = given[command.operands.count]
            let inner = commands.filter { $0.words.count > 1 && $0.words[0] == command.name }
            if command.operands.isEmpty, let near = Suggestion.nearest(to: extra, among: inner.map { $0.words[1] }) {
                throw .usage(
                    "“\(command.name) \(extra)” is no command", "did you mean: wiretrail \(command.name) \(near)?")
            }
            throw .usage("“\(Self.repeatable(extra))” is one argument too many for wiretrail \(command.name)", usage)
        }
        if given.contains("") {
            throw .usage("an argument of wiretrail \(command.name) is empty", "is a shell variable not set? \(usage)")
        }
    }
}
