import Protocols
import Recorder

/// Makes a script of a Postgres timeline that psql runs: what the client asked for, in order.
///
/// Nothing that was recorded reaches psql as a command of its own: a statement stands as it is where it is plain, else as a
/// string that the server gives back to be run (`\gexec`). What cannot be run again is a comment that says why.
struct SQLScript: Sendable {
    enum Piece: Sendable, Equatable {
        case text(String)
        /// The COPY whose data comes here, and its line of SQL.
        case copy(TimelineEvent, sql: String)
    }

    /// Events that wait for notes on them; more are not waited for.
    private static let heldMaximum = 10_000
    private static let commentLimit = 2000

    private var held: [TimelineEvent] = []
    /// What the gateway noted on bytes of the client's stream.
    private var notes: [TimelineEvent] = []
    private(set) var isUTF8 = true

    static func heading(_ headings: [TimelineHeading]) -> String {
        let recordings = headings.map { heading in
            let who = heading.identity?.subject ?? "nobody"
            let target = heading.start?.target ?? "?"
            let begun = heading.begun.map { UTCDate(wallNanoseconds: $0.wallNanoseconds).extended8601 } ?? "?"
            return comment("recording \(heading.recording): \(who) on \(target), begun \(begun)")
        }
        return recordings.joined()
            + comment("run it with: psql -X -f FILE. What was refused, redacted or cut is a comment.")
            + "\\encoding UTF8\n\\set ON_ERROR_STOP off\n\n"
    }

    /// A statement is written when what began later shows that all notes on it have been seen: they are made before it
    /// is answered.
    mutating func event(_ event: TimelineEvent) -> [Piece] {
        if event.kind == Annotation.Kind.redaction.rawValue || event.kind == Annotation.Kind.refused.rawValue {
            notes.append(event)
            return []
        }
        let isOver = held.firstIndex { ($0.end ?? $0.start) >= event.start } ?? held.count
        let pieces = write(isOver)
        if held.isEmpty { notes.removeAll { ($0.request?.upperBound ?? 0) <= (event.request?.lowerBound ?? 0) } }
        held.append(event)
        return held.count > Self.heldMaximum ? pieces + write(1) : pieces
    }

    mutating func finish() -> [Piece] { write(held.count) }

    private mutating func write(_ count: Int) -> [Piece] {
        let pieces = held[..<count].flatMap { piece($0) }
        held.removeFirst(count)
        return pieces
    }

    private mutating func piece(_ event: TimelineEvent) -> [Piece] {
        noteEncoding(event)
        let title = Self.comment("\(event.sequence)  \(Self.time(event))  \(Self.outcome(event))")
        guard event.kind == "postgres.statement" || event.kind == "postgres.copy" else {
            return [.text(Self.comment("\(event.sequence)  \(Self.time(event))  \(event.kind): \(event.title)") + "\n")]
        }
        if let reason = whyNot(event) {
            return [.text(title + Self.commentedOut(event.title, reason))]
        }
        let sql = Self.trimmed(event.title)
        if event.text("copy") == "in" { return [.text(title), .copy(event, sql: sql)] }
        return [.text(title + Self.runnable(sql, event) + "\n")]
    }

    /// Why a statement is not to be run again; `nil` when it is.
    private func whyNot(_ event: TimelineEvent) -> String? {
        for note in notes {
            guard let noted = note.request, let asked = event.request, noted.overlaps(asked) else { continue }
            return note.kind == Annotation.Kind.refused.rawValue
                ? "refused: \(note.title)" : "it held a secret: \(note.title)"
        }
        if let skipped = event.text("skipped") { return "not run: \(skipped)" }
        if event.has("continued") { return "more rows of a statement above" }
        if Self.isCut(event.title) { return "it is too long to be here whole" }
        let parameters = event.list("parameters")
        if event.has("parametersLeftOut") || parameters.contains(where: { $0.text.map(Self.isCut) ?? false }) {
            return "a parameter is too long to be here whole"
        }
        if !isUTF8, ([event.title] + parameters.compactMap(\.text)).contains(where: { $0.contains("\\x") }) {
            return "it holds bytes that are not UTF-8"
        }
        switch event.text("copy") {
        case "both": return "a replication stream"
        case "in":
            guard event.outcome == .succeeded else { return "it failed, and a script stops at a COPY that fails" }
            return SQLLiteral.isPlain(Self.trimmed(event.title)) && isUTF8 ? nil : "its data cannot stand in a script"
        default: break
        }
        // It would read the lines after it as data.
        return event.kind == "postgres.statement" && event.title.lowercased().contains("stdin")
            ? "it would wait for data" : nil
    }

    private static func runnable(_ sql: String, _ event: TimelineEvent) -> String {
        let parameters = event.list("parameters")
        guard !parameters.isEmpty else { return statement(sql) }
        let name = "wiretrail_\(event.sequence)"
        let values = parameters.map { $0.text.map(SQLLiteral.quoted) ?? "NULL" }.joined(separator: ", ")
        return statement("PREPARE \(name) AS \(sql)") + "EXECUTE \(name)(\(values));\nDEALLOCATE \(name);\n"
    }

    private static func statement(_ sql: String) -> String {
        if sql.isEmpty { return ";\n" }
        return SQLLiteral.isPlain(sql) ? "\(sql);\n" : "SELECT \(SQLLiteral.quoted(sql)) \\gexec\n"
    }

    /// Without blanks around it, and the semicolon at its end.
    private static func trimmed(_ sql: String) -> String {
        let blanks: Set<Unicode.Scalar> = [" ", "\n", "\t", "\r"]
        var text = Substring(sql).unicodeScalars
        while let first = text.first, blanks.contains(first) { text.removeFirst() }
        while let last = text.last, blanks.contains(last) { text.removeLast() }
        if text.last == ";" { text.removeLast() }
        while let last = text.last, blanks.contains(last) { text.removeLast() }
        return String(text)
    }
}

// MARK: - Comments

extension SQLScript {
    /// One line that psql passes over.
    static func comment(_ text: String) -> String { "-- \(DisplayText.line(text, limit: commentLimit))\n" }

    static func commentedOut(_ sql: String, _ reason: String) -> String {
        let lines = DisplayText.lines(sql, limit: commentLimit).map { "--     \($0)\n" }.joined()
        return comment(reason) + lines + "\n"
    }

    private static func time(_ event: TimelineEvent) -> String {
        UTCDate(wallNanoseconds: event.start.wallNanoseconds).time8601
    }

    private static func outcome(_ event: TimelineEvent) -> String {
        switch event.outcome {
        case .succeeded: event.text("tag") ?? "succeeded"
        case .failed(let code, let message): "failed \(code): \(message)"
        case .refused(let rule): "refused: \(rule)"
        case .cancelled: "cancelled"
        case .unfinished: "unfinished"
        case .none: ""
        }
    }

    /// Where ``DisplayText`` left something out, it says how much.
    private static func isCut(_ text: String) -> Bool { text.contains(/… \([0-9]+ (byte|character)s? more\)$/) }

    /// ParameterStatus tells what the client's texts are encoded in (manual §24.3.3).
    private mutating func noteEncoding(_ event: TimelineEvent) {
        for setting in event.list("settings").compactMap(\.text) where setting.hasPrefix("client_encoding = ") {
            isUTF8 = setting == "client_encoding = UTF8"
        }
    }
}

extension TimelineEvent {
    fileprivate func value(_ name: String) -> Value? { fields.first { $0.name == name }?.value }
    fileprivate func has(_ name: String) -> Bool { value(name) != nil }
    fileprivate func text(_ name: String) -> String? { value(name)?.text }
    fileprivate func list(_ name: String) -> [Value] {
        if case .list(let values) = value(name) { values } else { [] }
    }
}

extension TimelineEvent.Value {
    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
}
