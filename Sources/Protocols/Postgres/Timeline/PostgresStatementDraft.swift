/// One statement under way: what is known of it until it ends.
struct PostgresStatementDraft: Sendable {
    enum Kind: String, Sendable {
        case statement = "postgres.statement"
        case copy = "postgres.copy"
        case function = "postgres.function"
    }

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

    var kind = Kind.statement
    private(set) var title: String
    let asked: PostgresAsked
    var sentBytes: UInt64
    /// What Parse made; `nil` for a simple query.
    var statement: PostgresStatement?
    /// What Bind made of it.
    private(set) var portal: PostgresPortal?
    var columns = PostgresColumns()
    /// An earlier Execute left the portal suspended.
    private(set) var isContinued = false

    var response: Range<UInt64>?
    var receivedBytes: UInt64 = 0
    var rowCount: UInt64 = 0
    /// The first of them, as far as they are asked for.
    var rows = TimelineRows()
    /// How the server says that it is done; `nil` while it is not.
    var completion: PostgresCompletion?
    var copy: Copy?
    var copiesText = true
    var copiedBytes: UInt64 = 0
    var copyFailure: String?
    /// The client has sent CopyDone or CopyFail.
    var copyHasEnded = false
    private(set) var notices: [String] = []
    private(set) var noticesLeftOut = 0
    private(set) var settings: [String] = []
    var functionResult: TimelineEvent.Value?
    private(set) var functionResultType: UInt32 = 0
    private(set) var functionResultFormat = PostgresFormat.text
}

extension PostgresStatementDraft {
    /// - Parameter portal: `nil` while only Parse has been seen.
    init(
        _ statement: PostgresStatement, _ portal: PostgresPortal?, asked: PostgresAsked, isContinued: Bool = false
    ) {
        self.init(
            title: statement.sql, asked: asked, sentBytes: asked.byteCount, statement: statement, portal: portal,
            columns: statement.columns, isContinued: isContinued)
    }

    /// A FunctionCall, told like the execution of a portal.
    init(call: PostgresPortal, resultType: UInt32, _ resultFormat: PostgresFormat, asked: PostgresAsked) {
        self.init(
            kind: .function, title: call.statement.sql, asked: asked, sentBytes: asked.byteCount,
            statement: call.statement, portal: call, functionResultType: resultType,
            functionResultFormat: resultFormat)
    }

    /// Describe has told of its statement.
    mutating func learn(_ told: PostgresStatement) {
        statement = told
        columns = told.columns
    }

    var controlsTransaction: Bool { completion?.controlsTransaction ?? false }

    /// Whether the server reads COPY data for it, and ignores Sync meanwhile.
    var takesCopyData: Bool { copy != nil && copy != .out && !copyHasEnded }

    /// One more message of the answer.
    mutating func answered(_ offset: UInt64, _ length: UInt64) {
        let start = response?.lowerBound ?? offset
        response = start..<max(start, offset &+ length)
        receivedBytes &+= length
    }

    mutating func notice(_ text: String) {
        if notices.count < Self.remarksShown { notices.append(text) } else { noticesLeftOut += 1 }
    }

    mutating func setting(_ text: String) {
        if settings.count < Self.remarksShown { settings.append(text) }
    }

    /// What the server remarked before it came to this.
    mutating func takeRemarks(of other: PostgresStatementDraft) {
        for text in other.notices { notice(text) }
        for text in other.settings { setting(text) }
    }

    /// A row; its first values are kept while few rows are, if they will be told.
    mutating func row(_ row: PostgresMessage.DataRow, _ bytes: Span<UInt8>, _ selection: EventSelection) {
        rowCount += 1
        guard rowCount <= Self.rowsShown, selection.mayHaveField(PostgresFields.result) else { return }
        if rows.isEmpty { rows.reserveCapacity(bytes.count) }
        let formats = portal?.resultFormats ?? .text
        var reader = row.values
        var index = 0
        while index < Self.columnsShown, let value = try? reader.next(in: bytes) {
            let type = index < columns.types.count ? columns.types[index] : 0
            addCell(value, bytes, type: type, format: formats[index])
            index += 1
        }
        rows.endRow()
    }

    private mutating func addCell(
        _ value: PostgresValue, _ bytes: Span<UInt8>, type: UInt32, format: PostgresFormat
    ) {
        guard let range = value.range else { return rows.appendNull() }
        let isText = format == .text || PostgresValueText.isText(type)
        if isText, range.count <= PostgresValueText.limit {
            rows.append(decoding: bytes.extracting(range))
        } else {
            rows.append(PostgresValueText.text(range, of: bytes, type: type, format: format))
        }
    }

    /// A row too long to be held: its first value says what it is.
    mutating func longRow(_ beginning: Span<UInt8>, _ total: UInt64) {
        rowCount += 1
        guard rowCount <= Self.rowsShown else { return }
        rows.append("(a row of \(total) bytes)")
        rows.endRow()
    }

    static func show(
        _ value: PostgresValue, _ bytes: Span<UInt8>, type: UInt32, format: PostgresFormat
    ) -> TimelineEvent.Value {
        guard let range = value.range else { return .null }
        return .text(PostgresValueText.text(range, of: bytes, type: type, format: format))
    }
}

extension PostgresStatementDraft {
    /// The event of the statement, as it ended: the draft is over, and gives up what it holds.
    mutating func end(_ result: Result, at end: Timestamp, _ selection: EventSelection) -> TimelineEvent {
        var (fields, outcome) = facts(result, selection)
        if !rows.isEmpty {
            let (names, rows) = (exchange(&columns.names, with: []), exchange(&rows, with: TimelineRows()))
            fields.add(PostgresFields.result, .table(columns: names, rows: rows, total: rowCount))
        }
        return TimelineEvent(
            sequence: 0, start: asked.start, end: end, kind: kind.rawValue, title: exchange(&title, with: ""),
            outcome: outcome, fields: fields.all, request: asked.range, response: response)
    }

    private func facts(
        _ result: Result, _ selection: EventSelection
    ) -> (fields: SelectedFields, outcome: TimelineEvent.Outcome) {
        var fields = SelectedFields(selection)
        addRequest(to: &fields)
        addAnswer(to: &fields)
        addResult(result, to: &fields)
        addRemarks(to: &fields)
        return (fields, outcome(result))
    }

    private func addRequest(to fields: inout SelectedFields) {
        guard let parameters = portal?.parameters else { return }
        if !parameters.isEmpty {
            fields.add(PostgresFields.parameters, .list(parameters.values(statement?.parameterTypes ?? [])))
        }
        if parameters.leftOut > 0 {
            fields.add(PostgresFields.parametersLeftOut, .integer(Int64(parameters.leftOut)))
        }
    }

    private func addAnswer(to fields: inout SelectedFields) {
        if let completion { fields.add(PostgresFields.tag, .text(completion.tag)) }
        if let rows = affectedRows { fields.add(PostgresFields.rows, .integer(rows)) }
        if let copy {
            fields.add(PostgresFields.copy, .text(copy.rawValue))
            fields.add(PostgresFields.copyFormat, .text(copiesText ? "text" : "binary"))
            fields.add(PostgresFields.copiedBytes, .byteCount(copiedBytes))
        }
        if let copyFailure { fields.add(PostgresFields.copyFailure, .text(copyFailure)) }
        if let functionResult { fields.add(PostgresFields.result, functionResult) }
        fields.add(PostgresFields.sent, .byteCount(sentBytes))
        fields.add(PostgresFields.received, .byteCount(receivedBytes))
        if let statement, !statement.name.isEmpty { fields.add(PostgresFields.statement, .text(statement.name)) }
        if let portal, !portal.name.isEmpty { fields.add(PostgresFields.portal, .text(portal.name)) }
        if isContinued { fields.add(PostgresFields.continued, .boolean(true)) }
    }

    private func addResult(_ result: Result, to fields: inout SelectedFields) {
        switch result {
        case .suspended: fields.add(PostgresFields.suspended, .boolean(true))
        case .skipped: fields.add(PostgresFields.skipped, .text("an earlier statement of the batch failed"))
        case .failed(let error):
            if outcome(result) == .cancelled { fields.add(PostgresFields.reason, .text(error.message)) }
            fields.add(error.fields)
        case .succeeded, .unfinished: break
        }
    }

    private func addRemarks(to fields: inout SelectedFields) {
        if !settings.isEmpty { fields.add(PostgresFields.settings, .list(settings.map(TimelineEvent.Value.text))) }
        if !notices.isEmpty { fields.add(PostgresFields.notices, .list(notices.map(TimelineEvent.Value.text))) }
        if noticesLeftOut > 0 { fields.add(PostgresFields.noticesLeftOut, .integer(Int64(noticesLeftOut))) }
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

    /// What the tag counts ("INSERT 0 3"), else how many rows came.
    private var affectedRows: Int64? {
        if let count = completion?.count { return count }
        return rowCount > 0 || !columns.isEmpty ? Int64(clamping: rowCount) : nil
    }
}

extension TimelineEvent {
    mutating func add(_ name: String, _ value: Value) { fields.append(Field(name, value)) }
}
