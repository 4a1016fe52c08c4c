// What pure code needs of C libraries, declared here and implemented in Adapters; it arrives as a generic parameter.

/// A cryptographic hash function.
public protocol Digest: ~Copyable {
    /// The digest's length in bytes.
    static var byteCount: Int { get }
    init()
    mutating func update(_ bytes: Span<UInt8>)
    /// The digest of all updates since `init` or the last call.
    mutating func finalize() -> [UInt8]
}

extension Digest where Self: ~Copyable {
    public static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        var digest = Self()
        digest.update(bytes)
        return digest.finalize()
    }
}

/// HMAC and the password-based key derivation of RFC 8018 over one hash function.
public protocol KeyedDigest {
    static func authenticate(_ message: Span<UInt8>, key: Span<UInt8>) -> [UInt8]
    static func derive(password: Span<UInt8>, salt: Span<UInt8>, iterations: Int) -> [UInt8]
    /// Compares in a time that does not depend on where the two differ.
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool
}

/// CRC-32C (Castagnoli), as in RFC 3720 §B.4.
public protocol Checksum {
    /// `seed` is the checksum of what came before; 0 at the start.
    static func crc32c(_ bytes: Span<UInt8>, seed: UInt32) -> UInt32
}

/// Checks signatures of one algorithm.
public protocol SignatureVerifier {
    func isValid(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool
}

/// Checks signatures by public keys that come as numbers: big-endian, without sign. A key that is none has made no signature.
public protocol PublicKeySignatures: SendableMetatype {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2).
    static func isValidRSA(
        _ signature: Span<UInt8>, of message: Span<UInt8>, modulus: [UInt8], exponent: [UInt8]
    ) -> Bool
    /// ECDSA with P-256 and SHA-256 (FIPS 186-4 §6.4), where `signature` is r and s in 32 bytes each, and so is the point.
    static func isValidP256(_ signature: Span<UInt8>, of message: Span<UInt8>, x: [UInt8], y: [UInt8]) -> Bool
}

/// Compresses and decompresses single blocks, each on its own. May keep a working state between calls.
public protocol BlockCodec: ~Copyable {
    init()
    /// Appends the compressed input; says how long it is. `nil`, and nothing appended, when it is longer than `limit`.
    mutating func compress(_ input: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]) -> Int?
    /// Appends the decompressed input; says how long it is. `nil`, and nothing appended, when the input is damaged or
    /// the result longer than `limit`.
    mutating func decompress(_ input: Span<UInt8>, limit: Int, appendingTo output: inout [UInt8]) -> Int?
}

/// Makes signatures of one algorithm with one private key.
public protocol Signer {
    func sign(_ message: Span<UInt8>) -> [UInt8]
}

/// What timelines of any protocol need of C libraries.
public protocol TimelinePrimitives: SendableMetatype {
    /// MD5 (RFC 1321), for fingerprints that others publish in it. It protects nothing.
    static func md5(_ bytes: Span<UInt8>) -> [UInt8]
    static func sha256(_ bytes: Span<UInt8>) -> [UInt8]
    /// Undoes a content coding, up to `limit` bytes; ``ContentCoding/limit(ofEncoded:)`` says how many are sensible.
    static func decode(_ content: Span<UInt8>, _ coding: ContentCoding, limit: Int) -> DecodedContent
}
