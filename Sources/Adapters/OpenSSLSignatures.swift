import COpenSSL
public import Protocols

extension OpenSSLCryptography: IdentityCryptography {
    public static func isValidRSA(
        _ signature: Span<UInt8>, of message: Span<UInt8>, modulus: [UInt8], exponent: [UInt8]
    ) -> Bool {
        // RFC 3279 §2.3.1. PKCS#1 v1.5 is what OpenSSL does with RSA keys unless told otherwise.
        let key = DER.sequence(DER.integer(modulus.span) + DER.integer(exponent.span))
        let algorithm = DER.sequence([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0])
        return PublicKey(algorithm, key)?.hasSigned(message, signature) ?? false
    }

    public static func isValidP256(
        _ signature: Span<UInt8>, of message: Span<UInt8>, x: [UInt8], y: [UInt8]
    ) -> Bool {
        guard signature.count == 64, x.count == 32, y.count == 32 else { return false }
        // RFC 5480 §2.1.1: id-ecPublicKey on secp256r1; SEC 1 §2.3.3: an uncompressed point.
        let algorithm = DER.sequence([
            0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7,
        ])
        // RFC 3279 §2.2.3: Ecdsa-Sig-Value.
        let pair = DER.sequence(
            DER.integer(signature.extracting(0..<32)) + DER.integer(signature.extracting(32..<64)))
        return PublicKey(algorithm, [4] + x + y)?.hasSigned(message, pair.span) ?? false
    }
}

/// The few forms of X.690 in which OpenSSL takes keys and signatures.
private enum DER {
    static func sequence(_ content: [UInt8]) -> [UInt8] { value(0x30, content) }

    static func bitString(_ content: [UInt8]) -> [UInt8] { value(0x03, [0] + content) }

    /// A number, big-endian, without sign.
    static func integer(_ number: Span<UInt8>) -> [UInt8] {
        var bytes = Array([UInt8](copying: number).drop { $0 == 0 })
        if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: 0) }
        return value(0x02, bytes)
    }

    private static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        switch count {
        case ..<0x80: return [tag, UInt8(count)] + content
        case ..<0x100: return [tag, 0x81, UInt8(count)] + content
        default: return [tag, 0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + content
        }
    }
}

/// A public key. Owns OpenSSL's object, freed by `deinit`.
@safe
private struct PublicKey: ~Copyable {
    private let key: OpaquePointer

    /// From the parts of a SubjectPublicKeyInfo (RFC 5280 §4.1). `nil` when they are no key, such as a point that is
    /// not on its curve.
    init?(_ algorithm: [UInt8], _ key: [UInt8]) {
        let info = DER.sequence(algorithm + DER.bitString(key))
        let read = unsafe info.withUnsafeBufferPointer { info in
            var position = info.baseAddress
            return unsafe d2i_PUBKEY(nil, &position, info.count)
        }
        guard let read = unsafe read else {
            ERR_clear_error()
            return nil
        }
        unsafe self.key = read
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Over SHA-256 of the message.
    func hasSigned(_ message: Span<UInt8>, _ signature: Span<UInt8>) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        // Whoever asks OpenSSL next for an error, such as TLS, is not to find ours.
        defer { ERR_clear_error() }
        guard unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestVerify(
                    context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
            }
        }
    }
}
