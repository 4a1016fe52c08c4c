/// A header block as text, for display: what a reader asks for, and all fields as a table.
struct HTTP2HeaderText: Sendable {
    private static let fieldsShown = 100
    private static let valueShown = 1024

    private(set) var rows: [[TimelineEvent.Value]] = []
    private var total: UInt64 = 0
    /// Bytes of names and values that are kept.
    private(set) var heldCount = 0
    /// Values by name of those that an event is made of; the first of each name.
    private var values: [String: [UInt8]] = [:]

    private static let wanted: Set<String> = [
        ":method", ":scheme", ":authority", ":path", ":status", ":protocol", "content-type", "user-agent",
        "grpc-status", "grpc-message", "grpc-timeout", "grpc-encoding", "content-encoding",
    ]

    init(_ fields: [HPACKField]) {
        for field in fields {
            total += 1
            let name = DisplayText.decode(field.name.span, limit: 200)
            if Self.wanted.contains(name), values[name] == nil {
                values[name] = Array(field.value.prefix(4096))
            }
            guard rows.count < Self.fieldsShown else { continue }
            let value = DisplayText.decode(field.value.span, limit: Self.valueShown)
            rows.append(field == .unknown ? [.null, .null] : [.text(name), .text(value)])
            heldCount += name.utf8.count + value.utf8.count
        }
    }

    func bytes(_ name: String) -> [UInt8]? { values[name] }

    func text(_ name: String) -> String? { values[name].map { DisplayText.decode($0.span) } }

    var table: TimelineEvent.Value { .table(columns: ["name", "value"], rows: rows, total: total) }
}
