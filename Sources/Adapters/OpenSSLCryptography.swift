import COpenSSL
public import Protocols

/// The cryptography of logins: HMAC-SHA-256 (RFC 2104), PBKDF2 over it (RFC 8018 §5.2), and hashes.
public enum OpenSSLCryptography: PostgresCryptography {
    public static func sha256(_ bytes: Span<UInt8>) -> [UInt8] { SHA256.hash(bytes) }

    public static func md5(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 16) { output, count in
            unsafe bytes.withUnsafeBytes { bytes in
                // SAFETY: `output` has the 16 bytes that MD5 writes.
                let made = unsafe EVP_Digest(
                    bytes.baseAddress, bytes.count, output.baseAddress, nil, EVP_md5(), nil)
                precondition(made == 1, "OpenSSL has no MD5")
            }
            count = 16
        }
    }

    /// SHA-1 (FIPS 180-4), for handshakes that are defined with it. It protects nothing.
    public static func sha1(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 20) { output, count in
            unsafe bytes.withUnsafeBytes { bytes in
                // SAFETY: `output` has the 20 bytes that SHA-1 writes.
                let made = unsafe EVP_Digest(
                    bytes.baseAddress, bytes.count, output.baseAddress, nil, EVP_sha1(), nil)
                precondition(made == 1, "OpenSSL has no SHA-1")
            }
            count = 20
        }
    }

    public static func authenticate(_ message: Span<UInt8>, key: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe key.withUnsafeBytes { key in
                    // SAFETY: `output` has the 32 bytes that HMAC-SHA-256 writes.
                    let made = unsafe HMAC(
                        EVP_sha256(), key.baseAddress, Int32(key.count), message.baseAddress, message.count,
                        output.baseAddress, nil)
                    precondition(unsafe made != nil, "OpenSSL refuses to authenticate")
                }
            }
            count = SHA256.byteCount
        }
    }

    public static func derive(password: Span<UInt8>, salt: Span<UInt8>, iterations: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            unsafe password.withUnsafeBufferPointer { password in
                unsafe salt.withUnsafeBufferPointer { salt in
                    // SAFETY: `output` has the 32 bytes asked for. A `char` is a byte here.
                    let made = unsafe password.withMemoryRebound(to: CChar.self) { password in
                        unsafe PKCS5_PBKDF2_HMAC(
                            password.baseAddress, Int32(password.count), salt.baseAddress, Int32(salt.count),
                            Int32(iterations), EVP_sha256(), Int32(SHA256.byteCount), output.baseAddress)
                    }
                    precondition(made == 1, "OpenSSL refuses to derive a key")
                }
            }
            count = SHA256.byteCount
        }
    }

    public static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                // SAFETY: both have `count` bytes.
                unsafe CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
