/// The cryptography with which identities are proven: HMAC-SHA-256, SHA-256, and signatures.
public protocol IdentityCryptography: KeyedDigest, PublicKeySignatures {
    static func sha256(_ bytes: Span<UInt8>) -> [UInt8]
}
