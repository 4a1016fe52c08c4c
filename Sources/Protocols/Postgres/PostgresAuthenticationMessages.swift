extension PostgresMessage {
    /// A server's step in the authentication (manual §55.7, Authentication*).
    public enum Authentication: Sendable, Equatable {
        case ok
        case kerberosV5
        case cleartextPassword
        case md5Password(salt: UInt32)
        case gss
        case gssContinue(Range<Int>)
        case sspi
        /// The mechanisms offered, each zero-terminated, closed by an empty one.
        case sasl(Mechanisms)
        case saslContinue(Range<Int>)
        case saslFinal(Range<Int>)
    }

    /// The SASL mechanisms that a server offers, in its order of preference.
    public struct Mechanisms: Sendable, Equatable {
        let content: Range<Int>

        public var names: PostgresStringReader {
            PostgresStringReader(content: content, count: .max, direction: .serverToClient)
        }
    }

    /// A client's choice of SASL mechanism and its first data.
    public struct SASLInitialResponse: Sendable, Equatable {
        let mechanismEnd: Int
        let end: Int
        /// `nil` where the client sent no data at all (length −1).
        public let hasData: Bool

        public var mechanism: Range<Int> { PostgresMessage.headerBytes..<mechanismEnd }
        public var data: Range<Int>? { hasData ? (mechanismEnd + 5)..<end : nil }
    }
}
