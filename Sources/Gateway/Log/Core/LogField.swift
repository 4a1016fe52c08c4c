import Protocols

/// A fact in a line of the log. What a peer has a say in is cut, and written so that it stays within its field.
public struct LogField: Sendable {
    enum Value: Sendable {
        case text(String)
        case number(UInt64)
    }

    let name: StaticString
    let value: Value

    /// Of longer texts only the beginning is told; a count of characters.
    static let textMaximum = 300

    private init(_ name: StaticString, _ text: String) {
        self.name = name
        let isLong = text.unicodeScalars.count > Self.textMaximum
        value = .text(isLong ? String(text.unicodeScalars.prefix(Self.textMaximum)) + "…" : text)
    }

    private init(_ name: StaticString, _ number: UInt64) {
        self.name = name
        value = .number(number)
    }
}

extension LogField {
    /// The client's address.
    public static func client(_ address: some CustomStringConvertible) -> LogField { LogField("client", "\(address)") }
    /// Where the gateway listens.
    public static func listener(_ address: some CustomStringConvertible) -> LogField {
        LogField("listener", "\(address)")
    }
    /// The session's number.
    public static func session(_ number: UInt64) -> LogField { LogField("session", number) }
    /// Who is calling.
    public static func identity(_ subject: String) -> LogField { LogField("identity", subject) }
    /// Who gave an order over the control socket.
    public static func by(_ name: String) -> LogField { LogField("by", name) }
    /// The upstream, by its name in the configuration.
    public static func target(_ name: String) -> LogField { LogField("target", name) }
    /// The rule that decided.
    public static func rule(_ name: String) -> LogField { LogField("rule", name) }
    /// The number of a question.
    public static func question(_ number: UInt64) -> LogField { LogField("question", number) }
    public static func decision(_ answer: QuestionAnswer) -> LogField { LogField("decision", answer.rawValue) }
    /// Sections of the configuration whose changes wait for the next start.
    static func waiting(_ sections: [String]) -> LogField {
        LogField("waiting", sections.isEmpty ? "nothing" : sections.joined(separator: ","))
    }
    /// What a person gave as the reason.
    public static func reason(_ text: String) -> LogField { LogField("reason", text) }
    /// A file or a folder of the gateway's.
    public static func path(_ path: String) -> LogField { LogField("path", path) }
    public static func count(_ count: Int) -> LogField { LogField("count", UInt64(max(0, count))) }
    /// Why something failed. Wiretrail's errors name places and causes, and quote no content.
    public static func cause(_ error: some Error & CustomStringConvertible) -> LogField {
        LogField("cause", error.description)
    }
    /// How many lines of the same event were left out before this one.
    static func suppressed(_ count: UInt64) -> LogField { LogField("suppressed", count) }
}

extension LogField.Value {
    var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .unsigned(number)
        }
    }

    /// As a JSON string where a reader could not tell where it ends, or a terminal might obey it.
    var text: String {
        switch self {
        case .number(let number): String(number)
        case .text(let text):
            text.isEmpty || text.unicodeScalars.contains(where: Self.isSpecial) ? JSON.string(text).text : text
        }
    }

    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        DisplayText.isUnsafe(scalar) || [" ", "\"", "=", "\\"].contains(scalar)
    }
}
