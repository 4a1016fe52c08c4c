import COpenSSL
public import Protocols

/// An issuer of JSON Web Tokens: has a key, publishes it, and signs whatever a test wants signed.
public struct TokenIssuerStandIn: Sendable {
    public enum Algorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    public let algorithm: Algorithm
    public let keyID: String
    /// PKCS#8, in DER.
    private let privateKey: [UInt8]
    /// The key's numbers: modulus and exponent, or x and y.
    public let numbers: [[UInt8]]

    public init(_ algorithm: Algorithm, keyID: String, bits: Int32 = 2_048) {
        self.algorithm = algorithm
        self.keyID = keyID
        let key = unsafe Self.generate(algorithm, bits)
        defer { unsafe EVP_PKEY_free(key) }
        unsafe privateKey = Self.encode(key)
        unsafe numbers = algorithm == .rs256 ? ["n", "e"].map { unsafe Self.number($0, of: key) } : Self.point(of: key)
    }

    /// The public key as a member of a JWKS.
    public var jwk: JSON {
        let numbers = numbers.map { JSON.string(Self.base64URL($0)) }
        var members: [String: JSON] = ["kid": .string(keyID), "use": "sig", "alg": .string(algorithm.rawValue)]
        switch algorithm {
        case .rs256: members.merge(["kty": "RSA", "n": numbers[0], "e": numbers[1]]) { $1 }
        case .es256: members.merge(["kty": "EC", "crv": "P-256", "x": numbers[0], "y": numbers[1]]) { $1 }
        }
        return .object(members)
    }

    /// A token with exactly this header and these claims.
    public func token(header: String, claims: String) -> String {
        let signed = "\(Self.base64URL(Array(header.utf8))).\(Self.base64URL(Array(claims.utf8)))"
        return "\(signed).\(Self.base64URL(signature(of: Array(signed.utf8))))"
    }

    /// As JWS has it (RFC 7518 §3.3, §3.4).
    public func signature(of message: [UInt8]) -> [UInt8] {
        let key = unsafe privateKey.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return unsafe d2i_AutoPrivateKey(nil, &position, bytes.count)
        }
        defer { unsafe EVP_PKEY_free(key) }
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 1_024)
        var count = signature.count
        let isSigned =
            unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        precondition(isSigned, "OpenSSL refuses to sign")
        let der = Array(signature[..<count])
        return algorithm == .rs256 ? der : Self.raw(der)
    }

    public static func base64URL(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes.span).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension TokenIssuerStandIn {
    private static func generate(_ algorithm: Algorithm, _ bits: Int32) -> OpaquePointer? {
        let context = unsafe EVP_PKEY_CTX_new_from_name(nil, algorithm == .rs256 ? "RSA" : "EC", nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        let isMade =
            unsafe EVP_PKEY_keygen_init(context) == 1
            && (algorithm == .rs256
                ? EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) : EVP_PKEY_CTX_set_group_name(context, "P-256")) == 1
            && EVP_PKEY_generate(context, &key) == 1
        precondition(isMade, "OpenSSL makes no key")
        return unsafe key
    }

    private static func encode(_ key: OpaquePointer?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            var position = bytes.baseAddress
            return unsafe i2d_PrivateKey(key, &position)
        }
        return Array(bytes[..<Int(count)])
    }

    private static func number(_ name: String, of key: OpaquePointer?) -> [UInt8] {
        var number: OpaquePointer?
        let isKnown = unsafe EVP_PKEY_get_bn_param(key, name, &number) == 1
        precondition(isKnown, "the key has no \(name)")
        defer { unsafe BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = unsafe BN_bn2bin(number, &bytes)
        return Array(bytes[..<Int(count)])
    }

    /// x and y of an uncompressed point.
    private static func point(of key: OpaquePointer?) -> [[UInt8]] {
        var bytes = [UInt8](repeating: 0, count: 65)
        var count = 0
        let isKnown = unsafe EVP_PKEY_get_octet_string_param(key, "pub", &bytes, bytes.count, &count) == 1
        precondition(isKnown && count == 65 && bytes[0] == 4, "the key has no uncompressed point")
        return [Array(bytes[1...32]), Array(bytes[33...64])]
    }

    /// r and s of an Ecdsa-Sig-Value, in 32 bytes each.
    private static func raw(_ der: [UInt8]) -> [UInt8] {
        var rest = der[2...]
        var raw: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(rest[rest.startIndex + 1])
            let number = rest.dropFirst(2).prefix(count).drop { $0 == 0 }
            raw += [UInt8](repeating: 0, count: 32 - number.count) + number
            rest = rest.dropFirst(2 + count)
        }
        return raw
    }
}
