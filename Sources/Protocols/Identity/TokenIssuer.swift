/// A service whose JSON Web Tokens prove who somebody is.
public struct TokenIssuer: Sendable, Hashable {
    /// The `iss` of its tokens.
    public var issuer: String
    /// The `aud` that its tokens have to name: this gateway, not another service that trusts the same issuer.
    public var audience: String
    public var keys: JSONWebKeySet
    /// The claim that names the user.
    public var subjectClaim: String
    /// The claim that names the user's groups; `nil` when none does.
    public var groupsClaim: String?
    /// The groups that all its users are in.
    public var groups: [String]

    /// How far clocks may be apart, in seconds.
    static let skew: Int64 = 60

    public init(
        issuer: String, audience: String, keys: JSONWebKeySet, subjectClaim: String = "sub",
        groupsClaim: String? = nil, groups: [String] = []
    ) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.subjectClaim = subjectClaim
        self.groupsClaim = groupsClaim
        self.groups = groups
    }

    /// Whom a token of this issuer is about.
    ///
    /// - Parameter now: nanoseconds since 1970.
    func identity<Cryptography: PublicKeySignatures>(
        of token: JSONWebToken, at now: Int64, by cryptography: Cryptography.Type
    ) throws(TokenFault) -> Identity {
        try checkSignature(of: token, by: cryptography)
        guard try token.audiences().contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else {
            throw .wrongAudience
        }
        // Proof of possession (RFC 7800): such a token is worth nothing without the key that it names.
        guard token.claims["cnf"] == nil else { throw .unsupported("cnf") }
        let end = try checkDates(of: token, at: now / 1_000_000_000)
        var groups = groups
        if let groupsClaim { groups += try token.names(groupsClaim).filter { !groups.contains($0) } }
        return Identity(
            subject: try token.name(subjectClaim), groups: groups, method: "jwt", facts: facts(of: token),
            validUntil: end * 1_000_000_000)
    }

    /// The algorithm is the key's. What the token says has to agree, and chooses nothing: so neither "none" nor an HMAC
    /// with the public key for its secret gets in, and no key or address in the header (`jwk`, `jku`, `x5u`) is looked
    /// at.
    private func checkSignature<Cryptography: PublicKeySignatures>(
        of token: JSONWebToken, by cryptography: Cryptography.Type
    ) throws(TokenFault) {
        let candidates = keys.candidates(for: token.keyID)
        guard !candidates.isEmpty else { throw .unknownKey }
        let fitting = candidates.filter { $0.algorithm.utf8.elementsEqual(token.algorithm.utf8) }
        guard !fitting.isEmpty else { throw .wrongAlgorithm }
        let isSigned = fitting.contains { $0.hasSigned(token.signed.span, token.signature.span, by: cryptography) }
        guard isSigned else { throw .wrongSignature }
    }

    /// When the token is over at the latest, in seconds since 1970.
    private func checkDates(of token: JSONWebToken, at now: Int64) throws(TokenFault) -> Int64 {
        guard let expiry = try token.date("exp") else { throw .claim("exp") }
        guard now < expiry + Self.skew else { throw .expired }
        if let begin = try token.date("nbf"), now < begin - Self.skew { throw .notYetValid }
        if let issued = try token.date("iat"), now < issued - Self.skew { throw .notYetValid }
        return expiry + Self.skew
    }

    private func facts(of token: JSONWebToken) -> [String: String] {
        var facts = ["issuer": issuer]
        if let id = try? token.name("jti") { facts["token"] = id }
        return facts
    }
}
