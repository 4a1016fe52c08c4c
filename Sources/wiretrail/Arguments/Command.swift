/// One command, declared: the parser, the help and the suggestions are all made from this.
struct Command: Sendable {
    /// One word, or two ("catalog rebuild").
    let name: String
    /// One line, without a full stop.
    let summary: String
    /// What it does, in paragraphs that stand in the help as they stand here.
    var discussion: String = ""
    var operands: [Operand] = []
    var options: [Option] = []
    var examples: [Example] = []
    /// Beside 0, 1 and 2, which every command has.
    var exits: [ExitCode] = []
    /// Whether it is told of SIGINT and SIGTERM, which end all others.
    var takesSignals = false
    let run: @Sendable (Arguments) async throws(Failure) -> ExitCode

    var words: [String] { name.split(separator: " ").map(String.init) }

    var usage: String {
        (["wiretrail", name] + operands.map(\.usage)).joined(separator: " ") + (options.isEmpty ? "" : " [OPTION…]")
    }

    /// The options that every command takes come last.
    var allOptions: [Option] { options + [.help] }
}

/// What a command acts on.
struct Operand: Sendable {
    /// In capitals, as in the usage line.
    let name: String
    let help: String
    var isRequired = true
    var isRepeated = false

    var usage: String {
        let name = isRepeated ? "\(name)…" : name
        return isRequired ? name : "[\(name)]"
    }
}

/// A command line to try, and what it does.
struct Example: Sendable {
    let line: String
    let says: String

    init(_ line: String, _ says: String) {
        self.line = line
        self.says = says
    }
}
