/// What is derived from a salted password (RFC 5802 §3).
struct SCRAMKeys<Cryptography: PostgresCryptography> {
    /// Who has it can log in as the client.
    let clientKey: Secret
    let storedKey: [UInt8]
    /// Who has it can pass for the server.
    let serverKey: Secret

    init(salted: Secret) {
        let clientKey = Self.key("Client Key", salted)
        self.clientKey = clientKey
        storedKey = Cryptography.sha256(clientKey.bytes.span)
        serverKey = Self.key("Server Key", salted)
    }

    private static func key(_ name: String, _ salted: Secret) -> Secret {
        let name = Array(name.utf8)
        return Secret(Cryptography.authenticate(name.span, key: salted.bytes.span))
    }
}

extension SCRAMVerifier {
    /// The verifier of a password. Takes milliseconds by design.
    ///
    /// - Parameters:
    ///   - password: prepared (RFC 4013), as clients prepare it.
    ///   - salt: at least 16 random bytes.
    ///   - iterations: within ``iterations``.
    public init<Cryptography: PostgresCryptography>(
        password: Secret, salt: [UInt8], iterations: Int = 4_096, by cryptography: Cryptography.Type
    ) {
        let salted = Cryptography.derive(password: password.bytes.span, salt: salt.span, iterations: iterations)
        let keys = SCRAMKeys<Cryptography>(salted: Secret(salted))
        self.init(iterations: iterations, salt: salt, storedKey: Secret(keys.storedKey), serverKey: keys.serverKey)
    }
}
