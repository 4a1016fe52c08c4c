/// The words by which a statement shows that it may hold a secret. All in lower case; SQL's own case does not matter.
enum PostgresSecretWords {
    /// Options and settings whose value is a secret: of roles, user mappings, servers, connection strings (libpq §34.1.2).
    static let names = list(
        "password", "sslpassword", "ssl_passphrase_command", "scram_client_key", "scram_server_key",
        "oauth_client_secret"
    )
    /// Settings among them, which set_config() takes as text.
    static let settings = list("ssl_passphrase_command")
    /// Functions of pgcrypto whose arguments are passwords, keys, or what they protect (manual §F.28).
    static let functions = list(
        "crypt", "hmac", "encrypt", "decrypt", "encrypt_iv", "decrypt_iv", "pgp_sym_encrypt", "pgp_sym_decrypt",
        "pgp_sym_encrypt_bytea", "pgp_sym_decrypt_bytea", "pgp_pub_decrypt", "pgp_pub_decrypt_bytea")
    /// One of these stands in every statement that holds a secret by its words.
    static let triggers = list("password", "passphrase", "crypt", "hmac", "scram_", "client_secret")
    /// What begins a sign of a secret in a text that is not held whole.
    static let signs =
        list(
            "password", "passphrase_command", "crypt", "hmac", "scram_client_key", "scram_server_key", "client_secret",
            "postgres://", "postgresql://")
    static let create = word("create")
    static let alter = word("alter")
    static let roleKinds = list("role", "user", "group")
    static let null = word("null")
    static let to = word("to")
    static let postgresSchemes = list("postgres", "postgresql")

    private static func list(_ words: String...) -> [[UInt8]] { words.map(word) }
    private static func word(_ word: String) -> [UInt8] { Array(word.utf8) }
}

extension Span<UInt8> {
    /// Whether `word`, in lower case, stands at `offset` in any case.
    func has(_ word: [UInt8], at offset: Int) -> Bool {
        guard offset >= 0, offset + word.count <= count else { return false }
        for index in word.indices where self[offset + index].lowercased != word[index] { return false }
        return true
    }

    func isWord(_ range: Range<Int>, _ word: [UInt8]) -> Bool {
        range.count == word.count && has(word, at: range.lowerBound)
    }

    func isWord(_ range: Range<Int>, in words: [[UInt8]]) -> Bool { words.contains { isWord(range, $0) } }
}
