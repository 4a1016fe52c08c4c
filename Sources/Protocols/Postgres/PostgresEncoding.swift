/// Builds messages: those that a gateway says in the server's place, and those that it says in the client's.
///
/// A zero byte cannot stand within a text of this protocol; it is left out.
public enum PostgresEncoding {
    /// Type byte, length, content.
    static func message(_ tag: UInt8, _ fill: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = [tag, 0, 0, 0, 0]
        fill(&bytes)
        setLength(of: &bytes, at: 1)
        return bytes
    }

    /// Length and content: the packets that come before the session.
    static func packet(_ fill: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 0]
        fill(&bytes)
        setLength(of: &bytes, at: 0)
        return bytes
    }

    private static func setLength(of bytes: inout [UInt8], at offset: Int) {
        let length = UInt32(truncatingIfNeeded: bytes.count - offset)
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
    }
}

extension [UInt8] {
    /// Appends a text and its terminating zero.
    mutating func appendText(_ text: some Sequence<UInt8>) {
        for byte in text where byte != 0 { append(byte) }
        append(0)
    }
}

/// What a server says.
extension PostgresEncoding {
    /// The parts of an error or a notice that a gateway sets.
    public struct Diagnostic: Sendable, Equatable {
        /// "ERROR", "FATAL", "NOTICE"…
        public var severity: String
        /// The SQLSTATE, five characters.
        public var code: String
        public var message: String
        public var detail: String?
        public var hint: String?

        public init(severity: String, code: String, message: String, detail: String? = nil, hint: String? = nil) {
            self.severity = severity
            self.code = code
            self.message = message
            self.detail = detail
            self.hint = hint
        }
    }

    public static func errorResponse(_ diagnostic: Diagnostic) -> [UInt8] {
        message(PostgresBackendTag.errorResponse.rawValue) { append(diagnostic, to: &$0) }
    }

    public static func noticeResponse(_ diagnostic: Diagnostic) -> [UInt8] {
        message(PostgresBackendTag.noticeResponse.rawValue) { append(diagnostic, to: &$0) }
    }

    private static func append(_ diagnostic: Diagnostic, to bytes: inout [UInt8]) {
        func field(_ field: PostgresDiagnosticField, _ text: String?) {
            guard let text else { return }
            bytes.append(field.rawValue)
            bytes.appendText(text.utf8)
        }
        field(.localizedSeverity, diagnostic.severity)
        field(.severity, diagnostic.severity)
        field(.code, diagnostic.code)
        field(.message, diagnostic.message)
        field(.detail, diagnostic.detail)
        field(.hint, diagnostic.hint)
        bytes.append(0)
    }

    public static func readyForQuery(_ status: PostgresMessage.TransactionStatus) -> [UInt8] {
        message(PostgresBackendTag.readyForQuery.rawValue) { $0.append(status.rawValue) }
    }

    public static func parameterStatus(_ name: String, _ value: [UInt8]) -> [UInt8] {
        message(PostgresBackendTag.parameterStatus.rawValue) {
            $0.appendText(name.utf8)
            $0.appendText(value)
        }
    }

    public static func backendKeyData(processID: Int32, key: [UInt8]) -> [UInt8] {
        message(PostgresBackendTag.backendKeyData.rawValue) {
            $0.appendBE(processID)
            $0 += key
        }
    }

    /// `options` are the `_pq_.` options that were not understood.
    public static func negotiateProtocolVersion(_ version: PostgresVersion, options: [[UInt8]]) -> [UInt8] {
        message(PostgresBackendTag.negotiateProtocolVersion.rawValue) {
            $0.appendBE(version.rawValue)
            $0.appendBE(UInt32(options.count))
            for option in options { $0.appendText(option) }
        }
    }
}

/// A server's side of the authentication.
extension PostgresEncoding {
    public static func authenticationOk() -> [UInt8] { authentication(0) }

    public static func authenticationCleartextPassword() -> [UInt8] { authentication(3) }

    public static func authenticationMD5Password(salt: UInt32) -> [UInt8] { authentication(5) { $0.appendBE(salt) } }

    public static func authenticationSASL(mechanisms: [String]) -> [UInt8] {
        authentication(10) {
            for mechanism in mechanisms { $0.appendText(mechanism.utf8) }
            $0.append(0)
        }
    }

    public static func authenticationSASLContinue(_ data: [UInt8]) -> [UInt8] { authentication(11) { $0 += data } }

    public static func authenticationSASLFinal(_ data: [UInt8]) -> [UInt8] { authentication(12) { $0 += data } }

    private static func authentication(_ code: UInt32, _ fill: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        message(PostgresBackendTag.authentication.rawValue) {
            $0.appendBE(code)
            fill(&$0)
        }
    }
}

/// What a client says.
extension PostgresEncoding {
    public static func sslRequest() -> [UInt8] { packet { $0.appendBE(PostgresRequestCode.ssl) } }

    public static func gssEncryptionRequest() -> [UInt8] { packet { $0.appendBE(PostgresRequestCode.gss) } }

    public static func cancelRequest(processID: Int32, key: [UInt8]) -> [UInt8] {
        packet {
            $0.appendBE(PostgresRequestCode.cancel)
            $0.appendBE(processID)
            $0 += key
        }
    }

    public static func startup(
        _ version: PostgresVersion = .v3_0, parameters: [(name: String, value: [UInt8])]
    ) -> [UInt8] {
        packet {
            $0.appendBE(version.rawValue)
            for parameter in parameters {
                $0.appendText(parameter.name.utf8)
                $0.appendText(parameter.value)
            }
            $0.append(0)
        }
    }

    public static func password(_ password: [UInt8]) -> [UInt8] { response { $0.appendText(password) } }

    public static func saslInitialResponse(mechanism: String, data: [UInt8]) -> [UInt8] {
        response {
            $0.appendText(mechanism.utf8)
            $0.appendBE(UInt32(data.count))
            $0 += data
        }
    }

    public static func saslResponse(_ data: [UInt8]) -> [UInt8] { response { $0 += data } }

    private static func response(_ fill: (inout [UInt8]) -> Void) -> [UInt8] {
        message(PostgresFrontendTag.authenticationResponse.rawValue, fill)
    }

    public static func query(_ sql: [UInt8]) -> [UInt8] {
        message(PostgresFrontendTag.query.rawValue) { $0.appendText(sql) }
    }

    /// Without parameter types.
    public static func parse(name: [UInt8], sql: [UInt8]) -> [UInt8] {
        message(PostgresFrontendTag.parse.rawValue) {
            $0.appendText(name)
            $0.appendText(sql)
            $0.appendBE(UInt16(0))
        }
    }

    /// - Parameter maximumRows: 0 for all of them.
    public static func execute(portal: [UInt8], maximumRows: Int32 = 0) -> [UInt8] {
        message(PostgresFrontendTag.execute.rawValue) {
            $0.appendText(portal)
            $0.appendBE(maximumRows)
        }
    }

    public static func sync() -> [UInt8] { message(PostgresFrontendTag.sync.rawValue) { _ in } }

    public static func terminate() -> [UInt8] { message(PostgresFrontendTag.terminate.rawValue) { _ in } }
}
