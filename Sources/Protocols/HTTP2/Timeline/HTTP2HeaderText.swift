/// A header block as text, for display: what a reader asks for, and all fields as a table.
struct HTTP2HeaderText: Sendable {
    private static let fieldsShown = 100
    private static let valueShown = 1024
    private static let valueKept = 4096

    private let list: HPACKHeaderList
    /// Values of credentials are not shown; not where they are hidden already.
    private let hidesCredentials: Bool

    init(_ list: HPACKHeaderList, hidesCredentials: Bool = true) {
        self.list = list
        self.hidesCredentials = hidesCredentials
    }

    /// Bytes that are kept.
    var heldCount: Int { list.size }

    // MARK: Values

    /// The value of the first field of that name.
    func bytes(_ name: HPACKFieldName) -> [UInt8]? { range(name).map { Array(list.bytes[$0]) } }

    func text(_ name: HPACKFieldName) -> String? {
        range(name).map { DisplayText.decode(list.bytes.span.extracting($0)) }
    }

    /// A 1xx status, which announces another block (RFC 9110 §15.2).
    var isInterim: Bool { range(.status).map { list.bytes[$0].first == UInt8(ascii: "1") } ?? false }

    /// `nil` when the block begins no call.
    var grpc: GRPCContentType? {
        range(.contentType).flatMap { GRPCContentType(list.bytes.span.extracting($0)) }
    }

    private func range(_ name: HPACKFieldName) -> Range<Int>? { list.first(name)?.valueRange.prefix(Self.valueKept) }

    // MARK: The table

    /// All fields as far as they are shown.
    var table: TimelineEvent.Value {
        let rows = list.fields.prefix(Self.fieldsShown).map(row)
        return .table(columns: ["name", "value"], rows: rows, total: UInt64(list.fields.count))
    }

    private func row(_ field: HPACKHeaderList.Field) -> [TimelineEvent.Value] {
        guard !field.isUnknown else { return [.null, .null] }
        let name = field.name == .other ? decode(field.nameRange, limit: 200) : field.name.rawValue
        let value =
            list.isCredential(field) && hidesCredentials
            ? "(\(field.valueCount) bytes, not shown)" : decode(field.valueRange, limit: Self.valueShown)
        return [.text(name), .text(value)]
    }

    private func decode(_ range: Range<Int>, limit: Int) -> String {
        DisplayText.decode(list.bytes.span.extracting(range), limit: limit)
    }
}
