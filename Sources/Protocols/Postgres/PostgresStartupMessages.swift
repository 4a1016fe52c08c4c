extension PostgresMessage {
    /// A server's single byte in answer to SSLRequest or GSSENCRequest.
    public enum EncryptionReply: Sendable, Equatable {
        case sslAccepted
        case gssAccepted
        case refused
        /// An error text in the form of protocol 2, from a server that failed to start a session.
        case failed(text: Range<Int>)
    }

    /// Asks for a running query to be cancelled; the only message of its connection.
    public struct CancelRequest: Sendable, Equatable {
        public let processID: Int32
        /// 4 bytes in protocol 3.0, 4 to 256 in 3.2.
        public let key: Range<Int>
    }

    /// The first packet of a session: protocol version and parameters.
    public struct Startup: Sendable, Equatable {
        public let version: PostgresVersion
        /// Where the parameters are: name and value pairs, closed by one zero byte.
        let content: Range<Int>

        /// Parameters in the order sent; names that start with `_pq_.` are protocol options.
        public var parameters: PostgresParameterReader { PostgresParameterReader(content: content) }
    }

    /// The server's answer to a version or to options that it does not know.
    public struct NegotiateProtocolVersion: Sendable, Equatable {
        /// The newest version that the server speaks; servers send all of it, not only the minor part.
        public let version: PostgresVersion
        public let optionCount: Int
        let content: Range<Int>

        /// The names of the `_pq_.` options that the server did not recognise.
        public var options: PostgresStringReader {
            PostgresStringReader(content: content, count: optionCount, direction: .serverToClient)
        }
    }

    /// The secret with which this session can be cancelled.
    public struct BackendKeyData: Sendable, Equatable {
        public let processID: Int32
        public let key: Range<Int>
    }
}

/// A protocol version: major in the upper 16 bits, minor in the lower.
public struct PostgresVersion: RawRepresentable, Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let v3_0 = PostgresVersion(rawValue: 0x0003_0000)
    public static let v3_2 = PostgresVersion(rawValue: 0x0003_0002)

    public var major: Int { Int(rawValue >> 16) }
    public var minor: Int { Int(rawValue & 0xFFFF) }
    public var description: String { "\(major).\(minor)" }

    public static func < (left: PostgresVersion, right: PostgresVersion) -> Bool { left.rawValue < right.rawValue }
}
