/// A switch, or a name that a value follows: `--json`, `--state DIR`.
struct Option: Sendable, Hashable {
    let name: String
    /// What stands for the value in the help, in capitals; `nil` for a switch.
    let value: String?
    let help: String
    var isRepeatable = false

    init(_ name: String, _ value: String? = nil, help: String, isRepeatable: Bool = false) {
        self.name = name
        self.value = value
        self.help = help
        self.isRepeatable = isRepeatable
    }

    var usage: String { "--\(name)" + (value.map { " \($0)" } ?? "") }

    static let help = Option("help", help: "print this page")

    static func == (left: Option, right: Option) -> Bool { left.name == right.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
