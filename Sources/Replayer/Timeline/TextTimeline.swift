public import Protocols
import Recorder

/// A timeline for people: one line per event, its details indented below it.
public struct TextTimeline: TimelineRenderer {
    public var colours: Bool
    /// Whether the first rows of results are shown.
    public var showsRows: Bool
    /// Characters of one title or value; what is left out is counted.
    public var textLimit = 2000

    public init(colours: Bool = false, showsRows: Bool = false) {
        self.colours = colours
        self.showsRows = showsRows
    }

    public func heading(_ heading: TimelineHeading, into output: inout [UInt8]) {
        var text = ""
        func line(_ name: String, _ value: String) {
            text += "  " + paint(.faint, Self.pad(name, 9)) + DisplayText.line(value, limit: textLimit) + "\n"
        }
        if let place = heading.place {
            if place.number == 1 {
                let connections = place.count == 1 ? "1 connection" : "\(place.count) connections"
                let session = DisplayText.line(place.session, limit: textLimit)
                text += paint(.strong, "Session \(session)") + ", \(connections)\n"
            }
            let client = heading.start.map { ", from \($0.client) to \($0.target)" } ?? ""
            line("\(place.number)", "recording \(heading.recording)\(client), \(heading.state.rawValue)")
            if place.number == place.count { text += "\n" }
            output.append(contentsOf: text.utf8)
            return
        }
        text += paint(.strong, "Recording \(heading.recording)") + "\n"
        if let identity = heading.identity { line("who", Self.who(identity)) }
        if let start = heading.start {
            line("from", "\(start.client) to \(start.listener), \(start.tls ?? "no TLS")")
            line("target", "\(start.target) (\(start.protocolID))")
        }
        if let begun = heading.begun { line("begun", UTCDate(wallNanoseconds: begun.wallNanoseconds).extended8601) }
        line("state", Self.state(heading))
        if let source = heading.start?.imported {
            line("imported", "connection \(source.flow) of \(source.file), SHA-256 \(Hex.encode(source.sha256))")
        }
        if let start = heading.start { line("session", "\(start.sessionNumber), kept by \(start.software)") }
        output.append(contentsOf: (text + "\n").utf8)
    }

    public func event(_ event: TimelineEvent, into output: inout [UInt8]) {
        let titles = Self.unindented(DisplayText.lines(event.title, limit: textLimit))
        var text = paint(.faint, UTCDate(wallNanoseconds: event.start.wallNanoseconds).time8601) + "  "
        text += Self.padLeft(event.end.map { Self.duration(from: event.start, to: $0) } ?? "", 8) + "  "
        text += paint(colour(of: event), Self.pad(Self.noun(event.kind), Self.nounWidth)) + "  "
        text += (titles.first ?? "") + "\n"
        for title in titles.dropFirst() { text += Self.indent + title + "\n" }
        for line in details(of: event) { text += Self.indent + line + "\n" }
        output.append(contentsOf: text.utf8)
    }

    public func ending(_ state: TimelineHeading.State, eventCount: UInt64, into output: inout [UInt8]) {
        let end =
            switch state {
            case .closed: "the recording is complete"
            case .interrupted: "the recording ends where the gateway was interrupted"
            case .live: "the recording goes on"
            case .incomplete: "the recording is incomplete: it has no end"
            }
        let events = eventCount == 1 ? "1 event" : "\(eventCount) events"
        output.append(contentsOf: (paint(.faint, "\n\(events); \(end)") + "\n").utf8)
    }
}

// MARK: - Lines of others

extension TextTimeline {
    /// A line of its own that stands out.
    func strong(_ text: String, into output: inout [UInt8]) {
        output.append(contentsOf: (paint(.strong, DisplayText.line(text, limit: textLimit)) + "\n").utf8)
    }

    /// A line of its own that steps back.
    func faint(_ text: String, into output: inout [UInt8]) {
        output.append(contentsOf: (paint(.faint, DisplayText.line(text, limit: textLimit)) + "\n").utf8)
    }
}

// MARK: - Details

extension TextTimeline {
    private static let nounWidth = 12
    private static let indent = String(repeating: " ", count: 15 + 2 + 8 + 2 + nounWidth + 2)

    /// Short values share a line; longer ones have their own.
    private func details(of event: TimelineEvent) -> [String] {
        var lines = outcome(event.outcome).map { [$0] } ?? []
        var short: [String] = []
        var long: [String] = []
        for field in event.fields {
            if case .table(let columns, let rows, let total) = field.value {
                if showsRows { long += table(columns, rows, total) }
                continue
            }
            let value = DisplayText.line(Self.text(field.value), limit: textLimit)
            let shown = paint(.faint, Self.words(field.name)) + " " + value
            if value.utf8.count <= 32 { short.append(shown) } else { long.append(shown) }
        }
        if !short.isEmpty { lines.append(short.joined(separator: paint(.faint, " · "))) }
        return lines + long
    }

    private func outcome(_ outcome: TimelineEvent.Outcome) -> String? {
        switch outcome {
        case .succeeded, .none: nil
        case .failed(let code, let message):
            paint(.bad, "FAILED \(DisplayText.line(code, limit: 40))") + " "
                + DisplayText.line(message, limit: textLimit)
        case .refused(let rule): paint(.bad, "REFUSED") + " " + DisplayText.line(rule, limit: textLimit)
        case .cancelled: paint(.warning, "CANCELLED")
        case .unfinished: paint(.warning, "UNFINISHED")
        }
    }

    private func table(_ columns: [String], _ rows: TimelineRows, _ total: UInt64) -> [String] {
        let shown = [columns] + rows.values.map { $0.map(Self.text) }
        let cells = shown.map { $0.map { DisplayText.line($0, limit: 60) } }
        let width = cells.map(\.count).max() ?? 0
        let widths = (0..<width).map { column in
            cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        var lines = cells.map { row in
            zip(row, widths).map { Self.pad($0, $1) }.joined(separator: " | ").trimmingSpaces
        }
        if !lines.isEmpty { lines[0] = paint(.faint, lines[0]) }
        let left = total - min(total, UInt64(shown.count - 1))
        if left > 0 { lines.append("… (\(left) row\(left == 1 ? "" : "s") more)") }
        return lines
    }

    static func text(_ value: TimelineEvent.Value) -> String {
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        case .boolean(let flag): flag ? "yes" : "no"
        case .byteCount(let count): bytes(count)
        case .nanoseconds(let count): duration(count)
        case .list(let values): values.map(text).joined(separator: ", ")
        case .null: "NULL"
        case .table(_, let rows, let total): "\(rows.values.count) of \(total) rows"
        }
    }
}

// MARK: - Words and figures

extension TextTimeline {
    /// "postgres.statement" is a statement.
    private static func noun(_ kind: String) -> String {
        String(kind.split(separator: ".").last ?? Substring(kind))
    }

    /// "applicationName" is the application name, "processID" the process id. A constant stays as it is: MAX_FRAME_SIZE.
    private static func words(_ name: String) -> String {
        guard name.contains(where: \.isLowercase) else { return DisplayText.line(name, limit: 60) }
        var words = ""
        var isCapital = true
        for character in DisplayText.line(name, limit: 60) {
            if character.isUppercase, !isCapital { words += " " }
            isCapital = character.isUppercase
            words += character.lowercased()
        }
        return words
    }

    /// Without blank lines around it, and without the indentation that all of its lines but the first share.
    private static func unindented(_ lines: [String]) -> [String] {
        let isBlank = { (line: String) in line.utf8.allSatisfy { $0 == 0x20 } }
        guard let first = lines.firstIndex(where: { !isBlank($0) }), let last = lines.lastIndex(where: { !isBlank($0) })
        else { return lines }
        let shown = lines[first...last]
        let indents = shown.dropFirst().filter { !isBlank($0) }.map { $0.prefix { $0 == " " }.count }
        let shared = indents.min() ?? 0
        return [String(shown[first].drop { $0 == " " })]
            + shown.dropFirst().map { String($0.dropFirst(shared)).trimmingSpaces }
    }

    private static func who(_ identity: Identity) -> String {
        let facts = identity.facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "\(identity.subject) (\(([identity.method] + facts).joined(separator: ", ")))"
    }

    private static func state(_ heading: TimelineHeading) -> String {
        let ended = heading.endedWallNanoseconds.map { UTCDate(wallNanoseconds: $0).extended8601 } ?? ""
        return switch heading.state {
        case .closed: "closed \(ended)"
        case .interrupted: "interrupted \(ended)"
        case .live: "live: the gateway is writing it"
        case .incomplete: "incomplete: it was never sealed"
        }
    }

    private static func duration(from start: Timestamp, to end: Timestamp) -> String {
        duration(
            end.monotonicNanoseconds >= start.monotonicNanoseconds
                ? end.monotonicNanoseconds - start.monotonicNanoseconds : 0)
    }

    /// Three significant digits: "999 ns", "1.23 ms", "12.3 s"; whole seconds from 1000 s on.
    static func duration(_ nanoseconds: UInt64) -> String {
        scaled(nanoseconds, ["ns", "µs", "ms", "s"])
    }

    /// Decimal units, three significant digits: "999 B", "1.23 kB".
    static func bytes(_ count: UInt64) -> String {
        scaled(count, ["B", "kB", "MB", "GB", "TB"])
    }

    private static func scaled(_ value: UInt64, _ units: [String]) -> String {
        var divisor: UInt64 = 1
        var unit = 0
        while unit + 1 < units.count, value / divisor >= 1000 {
            divisor *= 1000
            unit += 1
        }
        let whole = value / divisor
        let thousandths = (value % divisor) * 1000 / divisor
        let digits = unit == 0 || whole >= 100 ? "" : String(thousandths + 1000).dropFirst().prefix(whole >= 10 ? 1 : 2)
        return digits.isEmpty ? "\(whole) \(units[unit])" : "\(whole).\(digits) \(units[unit])"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

// MARK: - Colour

extension TextTimeline {
    /// Select Graphic Rendition (ECMA-48 §8.3.117).
    private enum Colour: String {
        case strong = "1"
        case faint = "2"
        case good = "32"
        case warning = "33"
        case bad = "31"
        case plain = "36"
    }

    private func paint(_ colour: Colour, _ text: String) -> String {
        colours ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    private func colour(of event: TimelineEvent) -> Colour {
        switch event.outcome {
        case .succeeded: .good
        case .failed, .refused: .bad
        case .cancelled, .unfinished: .warning
        case .none: .plain
        }
    }
}

extension String {
    /// Without spaces at its end.
    fileprivate var trimmingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
