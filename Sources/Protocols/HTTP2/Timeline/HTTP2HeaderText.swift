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

    /// The text as an event has it.
    func value(_ name: HPACKFieldName) -> TimelineEvent.Value? { text(name).map { .text($0) } }

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
        var rows = TimelineRows()
        rows.reserveCapacity(list.size)
        for field in list.fields.prefix(Self.fieldsShown) {
            append(field, to: &rows)
            rows.endRow()
        }
        return .table(columns: Self.columns, rows: rows, total: UInt64(list.fields.count))
    }

    private static let columns = ["name", "value"]

    private func append(_ field: HPACKHeaderList.Field, to rows: inout TimelineRows) {
        guard !field.isUnknown else {
            rows.appendNull()
            rows.appendNull()
            return
        }
        let bytes = list.bytes.span
        if field.name == .other {
            rows.append(decoding: bytes.extracting(field.nameRange), limit: 200)
        } else {
            rows.append(field.name.rawValue)
        }
        if list.isCredential(field) && hidesCredentials {
            rows.append("(\(field.valueCount) bytes, not shown)")
        } else {
            rows.append(decoding: bytes.extracting(field.valueRange), limit: Self.valueShown)
        }
    }
}
