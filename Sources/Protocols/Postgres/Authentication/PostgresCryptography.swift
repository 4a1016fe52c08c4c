/// The cryptography that a Postgres login needs: HMAC-SHA-256 and PBKDF2 over it, and two hashes.
public protocol PostgresCryptography: KeyedDigest, SendableMetatype {
    static func sha256(_ bytes: Span<UInt8>) -> [UInt8]
    /// MD5 (RFC 1321): the old password method cannot be had without it.
    static func md5(_ bytes: Span<UInt8>) -> [UInt8]
}
