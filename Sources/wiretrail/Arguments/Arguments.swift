import Protocols

/// What the user gave to a command.
struct Arguments: Sendable {
    var operands: [String] = []
    private var values: [Option: [String]] = [:]

    init() {}

    /// Whether a switch was given.
    func has(_ option: Option) -> Bool { values[option] != nil }

    /// The value that was given; `nil` when the option was not.
    subscript(_ option: Option) -> String? { values[option]?.last }

    /// All values of an option that may be given more than once.
    func all(_ option: Option) -> [String] { values[option] ?? [] }

    mutating func add(_ option: Option, _ value: String) { values[option, default: []].append(value) }
}

extension Arguments {
    /// One of several words.
    func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ option: Option, _: Choice.Type
    ) throws(Failure) -> Choice? {
        guard let text = self[option] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: text, among: words).map { "did you mean \($0)? " } ?? ""
        throw .usage(
            "--\(option.name) cannot be “\(text)”", near + "it is one of: \(words.joined(separator: ", "))")
    }

    /// A count above zero.
    func count(_ option: Option) throws(Failure) -> Int? {
        guard let text = self[option] else { return nil }
        guard let count = Int(text), count > 0 else {
            throw .usage(
                "--\(option.name) takes a whole number above 0, not “\(text)”", "for example: --\(option.name) 20")
        }
        return count
    }
}
