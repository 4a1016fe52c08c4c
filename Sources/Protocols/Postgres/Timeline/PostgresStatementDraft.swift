/// One statement under way: what is known of it until it ends.
struct PostgresStatementDraft: Sendable {
    enum Result: Sendable, Equatable {
        case succeeded
        case suspended
        case failed(PostgresErrorFacts)
        /// Not run, because of an earlier failure in its batch.
        case skipped
        case unfinished
    }

    enum Copy: String, Sendable {
        case `in`
        case out
        case both
    }

    static let rowsShown = 10
    static let columnsShown = 50
    static let remarksShown = 20

    var kind = "postgres.statement"
    var title: String
    var asked: PostgresAsked
    var sentBytes: UInt64
    var statementID: UInt64 = 0
    var statementName = ""
    var portalName = ""
    var parameterTypes: [UInt32] = []
    var parameters: [PostgresParameter] = []
    var parametersLeftOut = 0
    var resultFormats: [PostgresFormat] = []
    var columns: [PostgresColumnFacts] = []
    /// Whether an earlier Execute left the portal suspended.
    var isContinued = false

    var response: Range<UInt64>?
    var receivedBytes: UInt64 = 0
    var rowCount: UInt64 = 0
    var rows: [[TimelineEvent.Value]] = []
    var tag: String?
    var copy: Copy?
    var copiesText = true
    var copiedBytes: UInt64 = 0
    var copyFailure: String?
    /// The client has sent CopyDone or CopyFail.
    var copyHasEnded = false
    var notices: [String] = []
    var noticesLeftOut = 0
    var settings: [String] = []
    var functionResult: TimelineEvent.Value?
    var functionResultType: UInt32 = 0
    var functionResultFormat = PostgresFormat.text

    init(title: String, asked: PostgresAsked) {
        self.title = title
        self.asked = asked
        sentBytes = asked.byteCount
    }

    /// One more message of the answer.
    mutating func answered(_ offset: UInt64, _ length: UInt64) {
        let end = offset &+ length
        response = (response?.lowerBound ?? offset)..<max(response?.lowerBound ?? offset, end)
        receivedBytes &+= length
    }

    mutating func notice(_ text: String) {
        if notices.count < Self.remarksShown { notices.append(text) } else { noticesLeftOut += 1 }
    }

    mutating func setting(_ text: String) {
        if settings.count < Self.remarksShown { settings.append(text) }
    }

    /// A row; its first values are kept while few rows are.
    mutating func row(_ row: PostgresMessage.DataRow, _ bytes: Span<UInt8>) {
        rowCount += 1
        guard rows.count < Self.rowsShown else { return }
        var reader = row.values
        var values: [TimelineEvent.Value] = []
        values.reserveCapacity(min(row.count, Self.columnsShown))
        while values.count < Self.columnsShown, let value = try? reader.next(in: bytes) {
            let index = values.count
            let type = index < columns.count ? columns[index].type : 0
            values.append(Self.show(value, bytes, type: type, format: resultFormat(index)))
        }
        rows.append(values)
    }

    /// A row too long to be held: its first value says what it is.
    mutating func longRow(_ beginning: Span<UInt8>, _ total: UInt64) {
        rowCount += 1
        if rows.count < Self.rowsShown { rows.append([.text("(a row of \(total) bytes)")]) }
    }

    private func resultFormat(_ index: Int) -> PostgresFormat {
        if resultFormats.isEmpty { return .text }
        return resultFormats[resultFormats.count == 1 ? 0 : min(index, resultFormats.count - 1)]
    }

    static func show(
        _ value: PostgresValue, _ bytes: Span<UInt8>, type: UInt32, format: PostgresFormat
    ) -> TimelineEvent.Value {
        guard let range = value.range else { return .null }
        let shown = range.lowerBound..<min(range.upperBound, range.lowerBound + PostgresValueText.limit)
        return PostgresValueText.value(bytes.extracting(shown), total: range.count, type: type, format: format)
    }
}

extension PostgresStatementDraft {
    /// The event of the statement, as it ended.
    func event(_ result: Result, at end: Timestamp) -> TimelineEvent {
        var event = TimelineEvent(
            sequence: 0, start: asked.start, end: end, kind: kind, title: title, outcome: outcome(result),
            request: asked.range, response: response)
        event.fields.reserveCapacity(12)
        if !parameters.isEmpty { event.fields.append(.init("parameters", .list(parameterValues))) }
        if parametersLeftOut > 0 { event.add("parametersLeftOut", .integer(Int64(parametersLeftOut))) }
        if let tag { event.add("tag", .text(tag)) }
        if let rows = affectedRows { event.add("rows", .integer(rows)) }
        if let copy {
            event.add("copy", .text(copy.rawValue))
            event.add("copyFormat", .text(copiesText ? "text" : "binary"))
            event.add("copiedBytes", .byteCount(copiedBytes))
        }
        if let copyFailure { event.add("copyFailure", .text(copyFailure)) }
        if let functionResult { event.add("result", functionResult) }
        event.add("sent", .byteCount(sentBytes))
        event.add("received", .byteCount(receivedBytes))
        if !statementName.isEmpty { event.add("statement", .text(statementName)) }
        if !portalName.isEmpty { event.add("portal", .text(portalName)) }
        if isContinued { event.add("continued", .boolean(true)) }
        switch result {
        case .suspended: event.add("suspended", .boolean(true))
        case .skipped: event.add("skipped", .text("an earlier statement of the batch failed"))
        case .failed(let error):
            if event.outcome == .cancelled { event.add("reason", .text(error.message)) }
            event.fields += error.fields
        case .succeeded, .unfinished: break
        }
        if !settings.isEmpty { event.add("settings", .list(settings.map(TimelineEvent.Value.text))) }
        if !notices.isEmpty { event.add("notices", .list(notices.map(TimelineEvent.Value.text))) }
        if noticesLeftOut > 0 { event.add("noticesLeftOut", .integer(Int64(noticesLeftOut))) }
        if !rows.isEmpty { event.add("result", .table(columns: columns.map(\.name), rows: rows, total: rowCount)) }
        return event
    }

    private func outcome(_ result: Result) -> TimelineEvent.Outcome {
        switch result {
        case .succeeded, .suspended: .succeeded
        // query_canceled.
        case .failed(let error) where error.code == "57014" && copyFailure == nil: .cancelled
        case .failed(let error): .failed(code: error.code, message: error.message)
        case .skipped: .none
        case .unfinished: .unfinished
        }
    }

    private var parameterValues: [TimelineEvent.Value] {
        parameters.enumerated().map { index, parameter in
            guard let bytes = parameter.bytes else { return .null }
            let type = index < parameterTypes.count ? parameterTypes[index] : 0
            return PostgresValueText.value(
                bytes.span, total: parameter.total, type: type, format: parameter.format)
        }
    }

    private static func lastWord(of tag: String) -> Substring {
        let space = UInt8(ascii: " ")
        guard let last = tag.utf8.lastIndex(where: { $0 != space }) else { return "" }
        let start = tag.utf8[...last].lastIndex(of: space).map(tag.utf8.index(after:))
        return tag[(start ?? tag.startIndex)...last]
    }

    /// What the tag counts ("INSERT 0 3"), else how many rows came.
    private var affectedRows: Int64? {
        if let tag, let count = Int64(Self.lastWord(of: tag)) { return count }
        return rowCount > 0 || !columns.isEmpty ? Int64(clamping: rowCount) : nil
    }
}

extension TimelineEvent {
    mutating func add(_ name: String, _ value: Value) { fields.append(Field(name, value)) }
}
