/// A JSON Web Token as it comes: a JWS in compact serialization (RFC 7515 §7.1, RFC 7519). Read, and not yet believed.
struct JSONWebToken {
    let algorithm: String
    let keyID: String?
    let claims: JSON
    /// Header and claims as they were sent, and what signs them.
    let signed: [UInt8]
    let signature: [UInt8]

    /// Purposes (`typ`, RFC 8725 §3.11) that are ours: ID tokens, and access tokens of RFC 9068. Others (logout,
    /// security events, proofs of possession) say the same things and mean something else.
    private static let purposes: Set = ["jwt", "at+jwt", "application/at+jwt"]

    init(_ bytes: [UInt8]) throws(TokenFault) {
        let dot = UInt8(ascii: ".")
        let parts = bytes.split(separator: dot, maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("it has not three parts") }
        let header = try Self.object(parts[0], "header")
        guard let algorithm = header["alg"]?.string else { throw .malformed("its header names no algorithm") }
        guard header["crit"] == nil else { throw .unsupported("crit") }
        if let purpose = header["typ"] {
            guard let purpose = purpose.string, Self.purposes.contains(purpose.lowercased()) else {
                throw .unsupported("typ")
            }
        }
        keyID = header["kid"]?.string
        guard header["kid"] == nil || keyID != nil else { throw .malformed("its kid is no text") }
        guard let signature = Base64URL.decode(parts[2]), !signature.isEmpty else {
            throw .malformed("its signature is not base64url")
        }
        claims = try Self.object(parts[1], "payload")
        self.algorithm = algorithm
        self.signature = signature
        signed = Array(bytes[..<parts[1].endIndex])
    }

    /// Twice the same name is malformed: who reads the first and who reads the last would see two tokens.
    private static func object(_ part: ArraySlice<UInt8>, _ name: String) throws(TokenFault) -> JSON {
        guard let bytes = Base64URL.decode(part) else { throw .malformed("its \(name) is not base64url") }
        guard let json = try? JSON.parse(bytes.span, depth: 8, values: 2_000), case .object = json else {
            throw .malformed("its \(name) is no JSON object")
        }
        return json
    }
}

// MARK: Claims

extension JSONWebToken {
    /// Whole seconds since 1970 (RFC 7519 §2, NumericDate); `nil` where the claim is missing.
    func date(_ name: String) throws(TokenFault) -> Int64? {
        // Later than this, nanoseconds do not fit.
        let last: Int64 = 9_000_000_000
        switch claims[name] {
        case nil: return nil
        case .integer(let seconds) where seconds >= 0: return min(seconds, last)
        case .double(let seconds) where seconds >= 0: return Int64(min(seconds, Double(last)))
        default: throw .claim(name)
        }
    }

    /// RFC 7519 §4.1.3: one text, or several.
    func audiences() throws(TokenFault) -> [String] {
        switch claims["aud"] {
        case .string(let audience): return [audience]
        case .array(let values): return try Self.texts(values, "aud")
        default: throw .claim("aud")
        }
    }

    func name(_ claim: String) throws(TokenFault) -> String {
        guard let name = claims[claim]?.string, Self.isName(name) else { throw .claim(claim) }
        return name
    }

    /// A text or several; none where the claim is missing.
    func names(_ claim: String) throws(TokenFault) -> [String] {
        let names: [String]
        switch claims[claim] {
        case nil, .null: return []
        case .string(let name): names = [name]
        case .array(let values) where values.count <= 256: names = try Self.texts(values, claim)
        default: throw .claim(claim)
        }
        guard names.allSatisfy(Self.isName) else { throw .claim(claim) }
        return names
    }

    private static func texts(_ values: [JSON], _ claim: String) throws(TokenFault) -> [String] {
        let texts = values.compactMap(\.string)
        guard texts.count == values.count else { throw .claim(claim) }
        return texts
    }

    /// Names stand in rules, lists and startup packets: neither empty nor endless, and without controls.
    private static func isName(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}
