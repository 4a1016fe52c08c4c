extension PostgresMessage {
    /// An error or a notice: fields, each a code byte and a text (manual §55.8).
    public struct Diagnostic: Sendable, Equatable {
        let content: Range<Int>

        public var fields: PostgresDiagnosticReader { PostgresDiagnosticReader(content: content) }

        /// The text of the first field of that code; `nil` where there is none.
        public func text(_ field: PostgresDiagnosticField, in bytes: Span<UInt8>) -> Range<Int>? {
            var reader = fields
            while let next = reader.next(in: bytes) {
                if next.code == field.rawValue { return next.text }
            }
            return nil
        }
    }

    /// What another session sent with NOTIFY.
    public struct Notification: Sendable, Equatable {
        public let processID: Int32
        let channelEnd: Int
        let end: Int

        public var channel: Range<Int> { (PostgresMessage.headerBytes + 4)..<channelEnd }
        public var payload: Range<Int> { (channelEnd + 1)..<end - 1 }
    }

    /// A setting's value, told at the start and whenever it changes.
    public struct ParameterStatus: Sendable, Equatable {
        let nameEnd: Int
        let end: Int

        public var name: Range<Int> { PostgresMessage.headerBytes..<nameEnd }
        public var value: Range<Int> { (nameEnd + 1)..<end - 1 }
    }
}

/// The field codes of errors and notices (manual §55.8).
public enum PostgresDiagnosticField: UInt8, Sendable, CaseIterable {
    /// Possibly translated; ``severity`` never is.
    case localizedSeverity = 0x53  // S
    case severity = 0x56  // V
    case code = 0x43  // C
    case message = 0x4D  // M
    case detail = 0x44  // D
    case hint = 0x48  // H
    case position = 0x50  // P
    case internalPosition = 0x70  // p
    case internalQuery = 0x71  // q
    case `where` = 0x57  // W
    case schema = 0x73  // s
    case table = 0x74  // t
    case column = 0x63  // c
    case dataType = 0x64  // d
    case constraint = 0x6E  // n
    case file = 0x46  // F
    case line = 0x4C  // L
    case routine = 0x52  // R
}
