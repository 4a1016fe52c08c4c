extension PostgresMessage {
    /// Makes a prepared statement of an SQL text.
    public struct Parse: Sendable, Equatable {
        let nameEnd: Int
        let sqlEnd: Int
        let end: Int

        /// The prepared statement's name; empty for the unnamed one.
        public var statement: Range<Int> { PostgresMessage.headerBytes..<nameEnd }
        public var sql: Range<Int> { (nameEnd + 1)..<sqlEnd }
        public var parameterTypeCount: Int { (end - sqlEnd - 3) / 4 }
        /// The object ids of the parameter types that the client prescribes; 0 leaves one to the server.
        public var parameterTypes: PostgresObjectIDReader { PostgresObjectIDReader(content: (sqlEnd + 3)..<end) }
    }

    /// Gives a prepared statement its parameters and makes a portal of it.
    public struct Bind: Sendable, Equatable {
        let portalEnd: Int
        let statementEnd: Int
        let end: Int

        /// The portal's name; empty for the unnamed one.
        public var portal: Range<Int> { PostgresMessage.headerBytes..<portalEnd }
        /// The prepared statement's name; empty for the unnamed one.
        public var statement: Range<Int> { (portalEnd + 1)..<statementEnd }

        /// The formats that the client declares for parameters: none means all text, one stands for all.
        public func parameterFormats(in bytes: Span<UInt8>) -> PostgresFormats {
            PostgresFormats(at: statementEnd + 1, in: bytes)
        }

        /// The parameters' values, in order.
        public func parameters(in bytes: Span<UInt8>) -> PostgresValueReader {
            PostgresValueReader(at: parameterFormats(in: bytes).end, end: end, in: bytes, .clientToServer)
        }

        /// The formats that the client wants results in: none means all text, one stands for all.
        public func resultFormats(in bytes: Span<UInt8>) throws(WireFault) -> PostgresFormats {
            var values = parameters(in: bytes)
            while try values.next(in: bytes) != nil {}
            return PostgresFormats(at: values.offset, in: bytes)
        }
    }

    /// What Describe and Close name.
    public struct Target: Sendable, Equatable {
        public enum Kind: UInt8, Sendable {
            case statement = 0x53  // S
            case portal = 0x50  // P
        }

        public let kind: Kind
        public let name: Range<Int>
    }

    /// Runs a portal.
    public struct Execute: Sendable, Equatable {
        public let portal: Range<Int>
        /// The portal is suspended after so many rows; 0 means no limit.
        public let maximumRows: Int32
    }

    /// Calls a function by its object id, without SQL.
    public struct FunctionCall: Sendable, Equatable {
        public let function: UInt32
        let end: Int

        public func argumentFormats(in bytes: Span<UInt8>) -> PostgresFormats {
            PostgresFormats(at: PostgresMessage.headerBytes + 4, in: bytes)
        }

        public func arguments(in bytes: Span<UInt8>) -> PostgresValueReader {
            PostgresValueReader(at: argumentFormats(in: bytes).end, end: end, in: bytes, .clientToServer)
        }

        public func resultFormat(in bytes: Span<UInt8>) -> PostgresFormat {
            PostgresFormat(rawValue: bytes.uint16BE(at: end - 2) ?? 0)
        }
    }
}
