/// A header block as text, for display: what a reader asks for, and all fields as a table.
struct HTTP2HeaderText: Sendable {
    private static let fieldsShown = 100
    private static let valueShown = 1024
    private static let valueKept = 4096

    /// All fields as far as they are shown; `nil` where nobody asks for them.
    private(set) var table: TimelineEvent.Value?
    /// Bytes of names and values that are kept.
    private(set) var heldCount = 0
    /// Values of the names that are known; the first of each name.
    private var values: [(name: HTTP2FieldName, bytes: [UInt8])] = []

    /// - Parameters:
    ///   - hasTable: whether the table will be asked for.
    ///   - hidesCredentials: their values are not shown; not where they are hidden already.
    init(_ fields: [HPACKField], hasTable: Bool, hidesCredentials: Bool = true) {
        for field in fields { keep(field) }
        guard hasTable else { return }
        let rows = fields.prefix(Self.fieldsShown).map { Self.row($0, hidesCredentials) }
        for field in fields.prefix(Self.fieldsShown) {
            heldCount += field.name.count + min(field.value.count, Self.valueShown)
        }
        table = .table(columns: ["name", "value"], rows: rows, total: UInt64(fields.count))
    }

    private mutating func keep(_ field: HPACKField) {
        let name = HTTP2FieldName(field.name)
        guard name != .other, bytes(name) == nil else { return }
        let value = field.value.count > Self.valueKept ? Array(field.value.prefix(Self.valueKept)) : field.value
        heldCount += value.count
        values.append((name, value))
    }

    private static func row(_ field: HPACKField, _ hidesCredentials: Bool) -> [TimelineEvent.Value] {
        guard !field.isUnknown else { return [.null, .null] }
        let value =
            field.isCredential && hidesCredentials
            ? "(\(field.value.count) bytes, not shown)" : DisplayText.decode(field.value.span, limit: valueShown)
        return [.text(DisplayText.decode(field.name.span, limit: 200)), .text(value)]
    }

    func bytes(_ name: HTTP2FieldName) -> [UInt8]? {
        for value in values where value.name == name { return value.bytes }
        return nil
    }

    func text(_ name: HTTP2FieldName) -> String? { bytes(name).map { DisplayText.decode($0.span) } }
}
