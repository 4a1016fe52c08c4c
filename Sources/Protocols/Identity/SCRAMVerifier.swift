/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 §5): enough to check a proof, too little to make one.
/// Prints as asterisks, since passwords can be guessed from it.
public struct SCRAMVerifier: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// RFC 7677 §4 has the lower bound; the upper one keeps an exchange below a second.
    public static var iterations: ClosedRange<Int> { 4_096...600_000 }
    static let keyByteCount = 32
    private static let saltByteCounts = 8...256

    public let iterations: Int
    public let salt: [UInt8]
    let storedKey: Secret
    let serverKey: Secret

    init(iterations: Int, salt: [UInt8], storedKey: Secret, serverKey: Secret) {
        self.iterations = iterations
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// The text that PostgreSQL keeps in pg_authid.rolpassword: `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`.
    ///
    /// `nil` when it is anything else, or weaker than ``iterations`` permits.
    public init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "SCRAM-SHA-256", let (count, salt) = Self.pair(parts[1]),
            let (stored, server) = Self.pair(parts[2]), let iterations = Int(count),
            Self.iterations.contains(iterations), let salt = Base64.decode(String(salt)),
            Self.saltByteCounts.contains(salt.count), let storedKey = Self.key(stored), let serverKey = Self.key(server)
        else { return nil }
        self.init(iterations: iterations, salt: salt, storedKey: storedKey, serverKey: serverKey)
    }

    private static func pair(_ text: Substring) -> (Substring, Substring)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private static func key(_ text: Substring) -> Secret? {
        guard let bytes = Base64.decode(String(text)), bytes.count == keyByteCount else { return nil }
        return Secret(bytes)
    }

    /// As PostgreSQL keeps it. Not to be printed, logged or recorded.
    public var stored: Secret {
        let text =
            "SCRAM-SHA-256$\(iterations):\(Base64.encode(salt.span))$"
            + "\(Base64.encode(storedKey.bytes.span)):\(Base64.encode(serverKey.bytes.span))"
        return Secret(Array(text.utf8))
    }

    public var description: String { "********" }
    public var debugDescription: String { "********" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SCRAMVerifier {
    /// A verifier that no password fits, to lead strangers on: whoever asks for an unknown user gets the same salt each
    /// time, as for a known one.
    ///
    /// - Parameters:
    ///   - secret: random, and kept across restarts, so that the salts stay.
    ///   - model: what a known user's verifier looks like.
    static func mock<Cryptography: KeyedDigest>(
        for user: [UInt8], secret: Secret, like model: SCRAMVerifier?, by cryptography: Cryptography.Type
    ) -> SCRAMVerifier {
        func bytes(_ purpose: String, _ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            while bytes.count < count {
                let message = Array("\(purpose) \(bytes.count) ".utf8) + user
                bytes += Cryptography.authenticate(message.span, key: secret.bytes.span)
            }
            return Array(bytes.prefix(count))
        }
        return SCRAMVerifier(
            iterations: model?.iterations ?? 4_096, salt: bytes("salt", model?.salt.count ?? 16),
            storedKey: Secret(bytes("StoredKey", keyByteCount)), serverKey: Secret(bytes("ServerKey", keyByteCount)))
    }
}
