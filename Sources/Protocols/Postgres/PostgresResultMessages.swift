extension PostgresMessage {
    /// The types of a prepared statement's parameters.
    public struct ParameterDescription: Sendable, Equatable {
        let end: Int

        public var count: Int { (end - PostgresMessage.headerBytes - 2) / 4 }
        public var types: PostgresObjectIDReader {
            PostgresObjectIDReader(content: (PostgresMessage.headerBytes + 2)..<end)
        }
    }

    /// The columns of the rows to come.
    public struct RowDescription: Sendable, Equatable {
        public let count: Int
        let end: Int

        public var columns: PostgresColumnReader {
            PostgresColumnReader(content: (PostgresMessage.headerBytes + 2)..<end, count: count)
        }
    }

    /// One row.
    public struct DataRow: Sendable, Equatable {
        public let count: Int
        let end: Int

        public var values: PostgresValueReader {
            PostgresValueReader(
                content: (PostgresMessage.headerBytes + 2)..<end, count: count, .serverToClient, fillsMessage: true)
        }
    }

    /// A function's result.
    public struct FunctionCallResponse: Sendable, Equatable {
        public let value: PostgresValue
    }

    /// Where the session stands when it is ready for the next request.
    public enum TransactionStatus: UInt8, Sendable, Codable {
        case idle = 0x49  // I
        case inTransaction = 0x54  // T
        case inFailedTransaction = 0x45  // E
    }
}

/// One column of a result, as RowDescription tells it.
public struct PostgresColumn: Sendable, Equatable {
    public let name: Range<Int>
    /// The table's object id; 0 where the column is not a plain reference to one.
    public let table: UInt32
    /// The column's number within the table; 0 as above.
    public let attribute: Int16
    public let type: UInt32
    /// The width in bytes of the type; negative for variable width.
    public let typeSize: Int16
    public let typeModifier: Int32
    public let format: PostgresFormat
}
