/// A head as a timeline tells it. Credentials are told by their length only.
struct HTTPHeadText: Sendable {
    private static let fieldsShown = 100
    static let targetShown = 4096
    private static let valueShown = 1024

    var range: Range<UInt64>
    var start: Timestamp
    /// When its last byte came.
    var end: Timestamp
    /// Names and values, as far as they are asked for.
    private(set) var fields = TimelineRows()
    private var fieldCount = 0
    private(set) var method = ""
    private(set) var target = ""
    private(set) var status = 0
    private(set) var reason = ""
    /// As far as they are asked for.
    private(set) var host: String?
    private(set) var userAgent: String?
    private(set) var session: String?
    /// A field says that MCP is spoken.
    private(set) var isMCP = false
    private(set) var upgrade = HTTPUpgrade.none

    init(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, _ range: Range<UInt64>, start: Timestamp, end: Timestamp,
        _ selection: EventSelection
    ) {
        // HTTP/2 goes on from all of it.
        let selection = head.upgrade == .h2c ? .everything : selection
        self.init(
            head.fields, bytes, range, start, end, selection.mayHaveField(HTTPEventFields.requestFields))
        method = DisplayText.decode(bytes.extracting(head.methodName), limit: 100)
        target = DisplayText.decode(bytes.extracting(head.target), limit: Self.targetShown)
        upgrade = head.upgrade
        if selection.mayHaveField(HTTPEventFields.host) { host = value(.host, head.fields, bytes) }
        if selection.mayHaveField(HTTPEventFields.userAgent) { userAgent = value(.userAgent, head.fields, bytes) }
    }

    init(
        _ head: HTTPResponseHead, _ bytes: Span<UInt8>, _ range: Range<UInt64>, start: Timestamp, end: Timestamp,
        _ selection: EventSelection
    ) {
        self.init(
            head.fields, bytes, range, start, end, selection.mayHaveField(HTTPEventFields.responseFields))
        status = head.status
        reason = DisplayText.decode(bytes.extracting(head.reason), limit: 200)
    }

    @inline(__always)
    private init(
        _ fields: HTTPFields, _ bytes: Span<UInt8>, _ range: Range<UInt64>, _ start: Timestamp, _ end: Timestamp,
        _ hasTable: Bool
    ) {
        self.range = range
        self.start = start
        self.end = end
        session = value(.mcpSessionID, fields, bytes)
        isMCP =
            session != nil || fields.contains(.mcpProtocolVersion)
            || fields.first(named: "mcp-method", in: bytes) != nil
        guard hasTable else { return }
        fieldCount = min(fields.count, Self.fieldsShown)
        for field in fields.prefix(fieldCount) { append(field, bytes) }
    }

    private mutating func append(_ field: HTTPField, _ bytes: Span<UInt8>) {
        fields.append(field.name(in: bytes))
        if field.name.isSecret {
            fields.append("(\(field.valueRange.count) bytes, not shown)")
        } else {
            fields.append(decoding: bytes.extracting(field.valueRange), limit: Self.valueShown)
        }
        fields.endRow()
    }

    /// "POST /mcp".
    var line: String { "\(method) \(target)" }

    private func value(_ name: HTTPFieldName, _ fields: HTTPFields, _ bytes: Span<UInt8>) -> String? {
        fields.first(name).map { DisplayText.decode(bytes.extracting($0.valueRange), limit: Self.valueShown) }
    }

    /// `nil` where it has no fields, or nobody asks for them.
    var table: TimelineEvent.Value? {
        guard !fields.isEmpty else { return nil }
        return .table(columns: Self.columns, rows: fields, total: UInt64(fieldCount))
    }

    private static let columns = ["name", "value"]
}
