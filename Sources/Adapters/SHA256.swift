import COpenSSL
public import Protocols

/// SHA-256 (FIPS 180-4). Owns one OpenSSL context, freed by `deinit`.
@safe
public struct SHA256: Digest, ~Copyable {
    public static let byteCount = 32

    /// Fetched once and never freed: EVP_sha256() is looked up with each use (ossl-guide-libcrypto-introduction(7),
    /// "Performance"), which takes longer than to hash a few hundred bytes.
    // SAFETY: a fetched algorithm is constant, and any thread may use it.
    nonisolated(unsafe) private static let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    private let context: OpaquePointer

    public init() {
        guard let context = unsafe EVP_MD_CTX_new() else { fatalError("OpenSSL has no memory for a digest") }
        unsafe self.context = context
        start()
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in
            let updated = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
            precondition(updated == 1, "OpenSSL refuses to hash")
        }
    }

    public mutating func finalize() -> [UInt8] {
        let digest = unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            // SAFETY: EVP_DigestFinal_ex writes exactly the 32 bytes of SHA-256.
            let finished = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            precondition(finished == 1, "OpenSSL refuses to finish a hash")
            count = Self.byteCount
        }
        start()
        return digest
    }

    private func start() {
        let started = unsafe EVP_DigestInit_ex(context, Self.algorithm, nil)
        precondition(started == 1, "OpenSSL has no SHA-256")
    }
}
