/// Who may log in, and what proves who they are. A value: one per generation of the configuration.
///
/// Nothing here waits: checking a token takes less than a millisecond.
public struct IdentityStore<Cryptography: IdentityCryptography>: Sendable {
    /// Somebody with a password.
    public struct User: Sendable {
        public var name: String
        public var groups: [String]
        public var verifier: SCRAMVerifier?

        public init(name: String, groups: [String] = [], verifier: SCRAMVerifier?) {
            self.name = name
            self.groups = groups
            self.verifier = verifier
        }
    }

    public let issuers: [TokenIssuer]
    private let users: [String: User]
    private let tokens: [StaticToken]
    private let certificates: [CertificateMapping]
    private let secret: Secret
    /// In a fixed order: what they look like is what unknown users look like, too.
    private let verifiers: [SCRAMVerifier]

    /// - Parameters:
    ///   - users: of several with one name the first counts.
    ///   - secret: 32 random bytes, kept across restarts: strangers would see a change of the salts of unknown users.
    public init(
        users: [User] = [], tokens: [StaticToken] = [], issuers: [TokenIssuer] = [],
        certificates: [CertificateMapping] = [], secret: Secret
    ) {
        self.users = Dictionary(users.map { ($0.name, $0) }) { first, _ in first }
        self.tokens = tokens
        self.issuers = issuers
        self.certificates = certificates
        self.secret = secret
        verifiers = users.compactMap(\.verifier)
    }
}

// MARK: Passwords

extension IdentityStore {
    /// What a password of `user` is checked against, and whom it proves. An unknown user has a verifier that no
    /// password fits, and is nobody.
    public func password(of user: [UInt8]) -> (verifier: SCRAMVerifier, identity: Identity?) {
        if let known = knownUser(user), let verifier = known.verifier {
            let identity = Identity(
                subject: known.name, groups: known.groups, method: IdentityMethod.scram.rawValue)
            return (verifier, identity)
        }
        return (SCRAMVerifier.mock(for: user, secret: secret, like: model(for: user), by: Cryptography.self), nil)
    }

    /// Whether there is a password of `user`.
    public func hasPassword(_ user: [UInt8]) -> Bool { knownUser(user)?.verifier != nil }

    private func knownUser(_ user: [UInt8]) -> User? {
        String(validating: user, as: UTF8.self).flatMap { users[$0] }
    }

    /// Each name is led on with the looks of one known user, always the same.
    private func model(for user: [UInt8]) -> SCRAMVerifier? {
        guard !verifiers.isEmpty else { return nil }
        let choice = Cryptography.authenticate((Array("model ".utf8) + user).span, key: secret.bytes.span)
        return verifiers[Int(choice.span.uint32BE(at: 0) ?? 0) % verifiers.count]
    }
}

// MARK: Tokens

extension IdentityStore {
    /// Whom a token proves.
    ///
    /// - Parameters:
    ///   - methods: the kinds of token that are taken here.
    ///   - now: nanoseconds since 1970.
    public func identity(
        presenting token: Secret, accepting methods: Set<IdentityMethod>, at now: Int64
    ) throws(IdentityRefusal) -> Identity {
        if methods.contains(.staticToken), let found = staticToken(token) {
            if let end = found.validUntil, now >= end { throw .expiredToken }
            return Identity(
                subject: found.subject, groups: found.groups, method: IdentityMethod.staticToken.rawValue,
                facts: ["token": Hex.encode(found.digest.prefix(4))], validUntil: found.validUntil)
        }
        guard methods.contains(.jwt), token.bytes.contains(UInt8(ascii: ".")) else { throw .unknownToken }
        do throws(TokenFault) {
            let token = try JSONWebToken(token.bytes)
            guard let name = token.claims["iss"]?.string,
                let issuer = issuers.first(where: { $0.issuer.utf8.elementsEqual(name.utf8) })
            else { throw .unknownIssuer }
            return try issuer.identity(of: token, at: now, by: Cryptography.self)
        } catch {
            throw .token(error)
        }
    }

    /// Whom a token says that it is from: not believed, but enough to know whose keys it needs.
    public static func claimedIssuer(of token: Secret) -> String? {
        (try? JSONWebToken(token.bytes))?.claims["iss"]?.string
    }

    /// All are compared, and each in the same time.
    private func staticToken(_ token: Secret) -> StaticToken? {
        guard token.bytes.count >= StaticToken.byteCountMinimum else { return nil }
        let digest = Cryptography.sha256(token.bytes.span)
        var found: StaticToken?
        for candidate in tokens where Cryptography.areEqual(candidate.digest.span, digest.span) { found = candidate }
        return found
    }
}

// MARK: Certificates

extension IdentityStore {
    /// Whom a certificate proves that TLS has verified. The first mapping that fits decides.
    ///
    /// - Parameter now: nanoseconds since 1970.
    public func identity(of certificate: ClientCertificate, at now: Int64) throws(IdentityRefusal) -> Identity {
        guard now < certificate.notAfter else { throw .expiredCertificate }
        for mapping in certificates {
            guard let user = try mapping.user(in: certificate) else { continue }
            return Identity(
                subject: user, groups: mapping.groups, method: IdentityMethod.certificate.rawValue,
                facts: ["fingerprint": Hex.encode(certificate.fingerprint)], validUntil: certificate.notAfter)
        }
        throw .unmappedCertificate
    }
}
