/// An error or a notice, read for telling.
struct PostgresErrorFacts: Sendable, Equatable {
    private static let textLimit = 4096
    /// The fields that an auditor wants, and their names in a timeline.
    private static let told: [(PostgresDiagnosticField, String)] = [
        (.detail, "detail"), (.hint, "hint"), (.position, "position"), (.internalQuery, "internalQuery"),
        (.where, "where"), (.schema, "schema"), (.table, "table"), (.column, "column"), (.dataType, "dataType"),
        (.constraint, "constraint"),
    ]

    var severity: String
    /// The SQLSTATE.
    var code: String
    var message: String
    /// Severity, and what else an auditor wants.
    var fields: [TimelineEvent.Field] = []

    init(_ diagnostic: PostgresMessage.Diagnostic, _ bytes: Span<UInt8>) {
        self.init(bytes) { diagnostic.text($0, in: bytes) }
    }

    /// An error too long to be held whole; `bytes` is the beginning of its content.
    init(beginning bytes: Span<UInt8>) {
        self.init(bytes) { field in
            var reader = PostgresDiagnosticReader(content: 0..<bytes.count)
            while let next = reader.next(in: bytes) {
                if next.code == field.rawValue { return next.text }
            }
            return nil
        }
    }

    private init(_ bytes: Span<UInt8>, _ find: (PostgresDiagnosticField) -> Range<Int>?) {
        func text(_ field: PostgresDiagnosticField) -> String? {
            find(field).map { DisplayText.decode(bytes.extracting($0), limit: Self.textLimit) }
        }
        severity = text(.severity) ?? text(.localizedSeverity) ?? "ERROR"
        code = text(.code) ?? ""
        message = text(.message) ?? "(an error without message)"
        fields = [.init("severity", .text(severity))]
        for (field, name) in Self.told {
            if let value = text(field) { fields.append(.init(name, .text(value))) }
        }
    }

    /// The session ends with it.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    /// One line: "NOTICE: table does not exist, skipping".
    var line: String { "\(severity): \(message)" }
}
