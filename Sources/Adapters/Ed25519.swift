import COpenSSL
public import Protocols

/// Ed25519 (RFC 8032): 32-byte keys, 64-byte signatures.
public enum Ed25519 {
    public static let keyByteCount = 32
    public static let signatureByteCount = 64

    /// A public key; checks signatures. Safe to use from several threads at once.
    public struct PublicKey: SignatureVerifier, Sendable, Hashable {
        public let bytes: [UInt8]

        /// `nil` unless there are 32 bytes.
        public init?(_ bytes: [UInt8]) {
            guard bytes.count == keyByteCount else { return nil }
            self.bytes = bytes
        }

        public func isValid(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
            guard signature.count == signatureByteCount,
                let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
            else { return false }
            defer { unsafe EVP_PKEY_free(key) }
            guard let context = unsafe EVP_MD_CTX_new() else { return false }
            defer { unsafe EVP_MD_CTX_free(context) }
            guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
            return unsafe signature.withUnsafeBufferPointer { signature in
                unsafe message.withUnsafeBufferPointer { message in
                    unsafe EVP_DigestVerify(
                        context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
                }
            }
        }
    }

    /// A private key. Prints as asterisks.
    public struct PrivateKey: Signer, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
    {
        private let seed: [UInt8]
        private let handle: Handle
        public let publicKey: PublicKey

        /// A new key from the system's random numbers.
        public init() {
            guard let key = PrivateKey(seed: SystemRandom.bytes(keyByteCount)) else {
                fatalError("OpenSSL refuses an Ed25519 key")
            }
            self = key
        }

        /// `nil` unless there are 32 bytes.
        public init?(seed: [UInt8]) {
            guard let handle = Handle(seed: seed) else { return nil }
            var bytes = [UInt8](repeating: 0, count: keyByteCount)
            var count = bytes.count
            guard unsafe EVP_PKEY_get_raw_public_key(handle.key, &bytes, &count) == 1, let publicKey = PublicKey(bytes)
            else { return nil }
            self.seed = seed
            self.handle = handle
            self.publicKey = publicKey
        }

        /// Hands out the 32 secret bytes, to be stored.
        public func withSeed<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
            try body(seed.span)
        }

        public func sign(_ message: Span<UInt8>) -> [UInt8] {
            let context = unsafe EVP_MD_CTX_new()
            defer { unsafe EVP_MD_CTX_free(context) }
            var signature = [UInt8](repeating: 0, count: signatureByteCount)
            var count = signature.count
            let signed = unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestSignInit(context, nil, nil, nil, handle.key) == 1
                    && EVP_DigestSign(context, &signature, &count, message.baseAddress, message.count) == 1
            }
            precondition(signed && count == signatureByteCount, "OpenSSL refuses to sign")
            return signature
        }

        public var description: String { "********" }
        public var debugDescription: String { "********" }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// OpenSSL's private key, which it frees. Kept, for to make one takes as long as to sign: the public key is computed.
    // Unchecked: never changed, and OpenSSL lets several threads sign with one key (openssl-threads(7)).
    @safe
    private final class Handle: @unchecked Sendable {
        let key: OpaquePointer

        init?(seed: [UInt8]) {
            guard seed.count == keyByteCount,
                let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
            else { return nil }
            unsafe self.key = key
        }

        deinit { unsafe EVP_PKEY_free(key) }
    }
}
