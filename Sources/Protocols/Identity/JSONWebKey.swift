/// A public key of an issuer of tokens (RFC 7517, RFC 7518 §6), of the two kinds that we accept.
public struct JSONWebKey: Sendable, Hashable {
    enum Material: Sendable, Hashable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case p256(x: [UInt8], y: [UInt8])
    }

    /// What the key's owner calls it (`kid`).
    public let id: String?
    let material: Material

    /// The one algorithm of this key (RFC 7518 §3.1): a token cannot choose another.
    public var algorithm: String {
        switch material {
        case .rsa: "RS256"
        case .p256: "ES256"
        }
    }

    /// Why a key of a set is left alone. Holds nothing of the key.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// Bits of RSA's modulus: what is shorter is broken, what is longer keeps us busy.
    private static let modulusByteCounts = 256...1_024

    /// - Parameter json: one key of a set, untrusted.
    init(_ json: JSON) throws(Fault) {
        guard case .object(let members) = json else { throw Fault("it is no object") }
        func member(_ name: String) throws(Fault) -> [UInt8] {
            guard let bytes = members[name]?.string.flatMap({ Base64URL.decode($0.utf8) }) else {
                throw Fault("its member \(name) is missing or wrong")
            }
            return bytes
        }
        switch members["kty"]?.string {
        case "RSA": material = try Self.rsa(modulus: member("n"), exponent: member("e"))
        case "EC":
            guard members["crv"]?.string == "P-256" else { throw Fault("its curve is not P-256") }
            material = try Self.p256(x: member("x"), y: member("y"))
        default: throw Fault("it is neither an RSA nor an EC key")
        }
        id = members["kid"]?.string
        guard members["kid"] == nil || id != nil else { throw Fault("its kid is no text") }
        try check(members)
    }

    /// What the key's owner says that it is for (RFC 7517 §4.2–4.4).
    private func check(_ members: [String: JSON]) throws(Fault) {
        if let use = members["use"], use != "sig" { throw Fault("its use is not sig") }
        if let alg = members["alg"], alg != .string(algorithm) { throw Fault("its alg is not \(algorithm)") }
        if let operations = members["key_ops"], operations.array?.contains("verify") != true {
            throw Fault("its key_ops do not include verify")
        }
    }

    private static func rsa(modulus: [UInt8], exponent: [UInt8]) throws(Fault) -> Material {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        guard modulusByteCounts.contains(modulus.count) else {
            throw Fault("its modulus has not 2048 to 8192 bits")
        }
        // FIPS 186-5 §A.1.1 begins at 65,537; nobody has a longer one.
        guard (3...4).contains(exponent.count), exponent.last.map({ $0 & 1 == 1 }) == true else {
            throw Fault("its exponent is even, below 65537 or above 32 bits")
        }
        return .rsa(modulus: modulus, exponent: exponent)
    }

    private static func p256(x: [UInt8], y: [UInt8]) throws(Fault) -> Material {
        guard x.count == 32, y.count == 32 else { throw Fault("its coordinates have not 32 bytes each") }
        return .p256(x: x, y: y)
    }
}

extension JSONWebKey {
    /// Whether this key's owner has signed `message`.
    func hasSigned<Cryptography: PublicKeySignatures>(
        _ message: Span<UInt8>, _ signature: Span<UInt8>, by cryptography: Cryptography.Type
    ) -> Bool {
        switch material {
        case .rsa(let modulus, let exponent):
            Cryptography.isValidRSA(signature, of: message, modulus: modulus, exponent: exponent)
        case .p256(let x, let y):
            Cryptography.isValidP256(signature, of: message, x: x, y: y)
        }
    }
}
