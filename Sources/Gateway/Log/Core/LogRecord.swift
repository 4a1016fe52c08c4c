import Protocols

/// How much a line matters to whoever runs the gateway.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, warning, error

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    var rank: Int { LogLevel.allCases.firstIndex(of: self) ?? 0 }
}

/// One line of the log: something that happened, in words of the source, and facts about it.
///
/// What happened is a `StaticString`, so nothing can be put into it at run time; and facts are made by the functions of
/// ``LogField`` alone, none of which takes a message's content or a ``Secret``.
public struct LogRecord: Sendable {
    public var level: LogLevel
    public var event: StaticString
    public var fields: [LogField]

    public init(_ level: LogLevel, _ event: StaticString, _ fields: [LogField] = []) {
        self.level = level
        self.event = event
        self.fields = fields
    }

    /// For people: "2026-11-21T04:16:34.123456Z warning connection refused client=127.0.0.1:5 cause=…".
    public func text(at wallNanoseconds: Int64) -> String {
        var line = "\(UTCDate(wallNanoseconds: wallNanoseconds).extended8601) \(level.rawValue) \(event)"
        for field in fields { line += " \(field.name)=\(field.value.text)" }
        return line
    }

    /// For programs: one JSON object of version 1.
    public func json(at wallNanoseconds: Int64) -> String { object(at: wallNanoseconds).text }

    func object(at wallNanoseconds: Int64) -> JSON {
        var members: [String: JSON] = [
            "v": 1, "time": .string(UTCDate(wallNanoseconds: wallNanoseconds).extended8601),
            "level": .string(level.rawValue), "event": .string(event.description),
        ]
        for field in fields { members[field.name.description] = field.value.json }
        return .object(members)
    }
}
