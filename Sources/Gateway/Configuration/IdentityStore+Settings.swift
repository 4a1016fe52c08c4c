public import Protocols

extension IdentityStore {
    /// The store that a configuration describes.
    ///
    /// - Parameters:
    ///   - keys: those of each issuer, by its name; until there are some, none of its tokens is accepted.
    ///   - secret: as in ``init(users:tokens:issuers:certificates:secret:)``.
    public init(_ identities: Settings.Identities, keys: [String: JSONWebKeySet], secret: Secret) {
        self.init(
            users: identities.users.map { User(name: $0.name, groups: $0.groups, verifier: $0.verifier) },
            tokens: identities.tokens.map {
                StaticToken(subject: $0.name, groups: $0.groups, digest: $0.sha256, validUntil: $0.expires)
            },
            issuers: identities.jwt.compactMap { issuer in
                keys[issuer.issuer].map { TokenIssuer(issuer, keys: $0) }
            },
            certificates: identities.certificates, secret: secret)
    }
}

extension TokenIssuer {
    public init(_ settings: Settings.Identities.Issuer, keys: JSONWebKeySet) {
        self.init(
            issuer: settings.issuer, audience: settings.audience, keys: keys, subjectClaim: settings.claims.user,
            groupsClaim: settings.claims.groups, groups: settings.groups)
    }
}

extension Settings.Identities.Issuer {
    /// Whether the keys are fetched over https.
    public var hasRemoteKeys: Bool { keys.hasPrefix("https://") }

    /// Reads the keys of an issuer that has them in a file.
    public func readKeys() throws(FileUnusable) -> JSONWebKeySet {
        do throws(SettingsFault) { return try OperatorFile.open(keys).readKeySet() } catch { throw FileUnusable(error) }
    }
}

extension OperatorFile {
    func readKeySet() throws(SettingsFault) -> JSONWebKeySet {
        try checkOwned()
        let bytes = try read(limit: JSONWebKeySet.byteCountMaximum)
        do throws(JSONWebKeySet.Fault) { return try JSONWebKeySet(bytes.span) } catch {
            throw SettingsFault(cause: error.description, remedy: "it is to hold what the issuer serves as its JWKS")
        }
    }
}
