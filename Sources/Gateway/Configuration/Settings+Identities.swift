public import Protocols

extension Settings {
    /// Who may log in, and how they prove who they are.
    public struct Identities: Sendable {
        public var users: [User] = []
        public var tokens: [Token] = []
        public var jwt: [Issuer] = []
        public var certificates: [CertificateMapping] = []

        /// Someone with a password.
        public struct User: Sendable {
            public var name: String
            public var groups: [String]
            /// As `wiretrail hash-password` prints it.
            public var verifier: SCRAMVerifier
        }

        /// A random text that is a password by itself, for programs.
        public struct Token: Sendable, Hashable {
            /// Who presents it.
            public var name: String
            public var groups: [String]
            /// The SHA-256 of the token, 32 bytes.
            public var sha256: [UInt8]
            /// In nanoseconds since 1970; `nil`: it does not expire.
            public var expires: Int64?
        }

        /// A service whose JSON web tokens count.
        public struct Issuer: Sendable, Hashable {
            /// The `iss` that its tokens must have.
            public var issuer: String
            /// The `aud` that its tokens must have.
            public var audience: String
            /// The path of a JWKS file, or the https URL of one.
            public var keys: String
            public var claims = Claims()
            /// That all its users are in.
            public var groups: [String] = []
        }

        /// The names of the claims that say who somebody is.
        public struct Claims: Sendable, Hashable {
            public var user = "sub"
            /// `nil`: the tokens name no groups.
            public var groups: String?
        }
    }
}

// MARK: Reading

extension Settings.Identities {
    init?(_ section: SettingsSection) {
        users = section.sections("users", unique: "name", User.init)
        tokens = section.sections("tokens", unique: "sha256", Token.init)
        jwt = section.sections("jwt", unique: "issuer", Issuer.init)
        certificates = section.sections("certificates", unique: "pattern", CertificateMapping.init)
    }
}

extension Settings.Identities.User {
    init?(_ section: SettingsSection) {
        let name = section.required("name", .name("alice"))
        groups = section.list("groups", .name("analysts"))
        let verifier = section.required("verifier", .verifier)
        guard let name, let verifier else { return nil }
        self.name = name
        self.verifier = verifier
    }
}

extension Settings.Identities.Token {
    init?(_ section: SettingsSection) {
        let name = section.required("name", .name("ci"))
        groups = section.list("groups", .name("robots"))
        let sha256 = section.required("sha256", .sha256)
        expires = section.optional("expires", .moment)
        guard let name, let sha256 else { return nil }
        self.name = name
        self.sha256 = sha256
    }
}

extension Settings.Identities.Issuer {
    init?(_ section: SettingsSection) {
        let issuer = section.required("issuer", .name("https://login.example"))
        let audience = section.required("audience", .name("wiretrail"))
        let keys = section.required("keys", .keySource(section.context.folder))
        if let keys, !keys.hasPrefix("https://") { section.refer("keys", to: .keySet(path: keys)) }
        claims = section.section("claims", Settings.Identities.Claims.init) ?? Settings.Identities.Claims()
        groups = section.list("groups", .name("staff"))
        guard let issuer, let audience, let keys else { return nil }
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
    }
}

extension Settings.Identities.Claims {
    init?(_ section: SettingsSection) {
        user = section.value("user", .name("email"), default: user)
        groups = section.optional("groups", .name("groups"))
    }
}

extension CertificateMapping {
    init?(_ section: SettingsSection) {
        let field = section.value("field", .word, default: ClientCertificate.Field.commonName)
        let pattern = section.required("pattern", .namePattern(for: field))
        let groups = section.list("groups", .name("engineers"))
        guard let pattern else { return nil }
        self.init(field: field, pattern: pattern, groups: groups)
    }
}

// MARK: Kinds of values

extension SettingsValue<SCRAMVerifier> {
    /// A SCRAM-SHA-256 verifier as pg_authid keeps it. What is wrong with it is told without repeating it.
    static let verifier = SettingsValue("a SCRAM-SHA-256 verifier", example: "what `wiretrail hash-password` prints") {
        text, _ throws(SettingsFault) in
        if let verifier = SCRAMVerifier(text) { return verifier }
        throw SettingsFault(
            cause: "this is no SCRAM-SHA-256 verifier of \(SCRAMVerifier.iterations.lowerBound) iterations or more",
            remedy: "never write a password here: run `wiretrail hash-password` and write what it prints")
    }
}

extension SettingsValue<[UInt8]> {
    /// 64 hexadecimal digits. A text that is none may be the token itself, so it is not repeated.
    static let sha256 = SettingsValue("a SHA-256 in hexadecimal", example: "what `sha256sum` prints for the token") {
        text, _ throws(SettingsFault) in
        let digits = text.utf8.compactMap { Hex.digit($0) }
        guard digits.count == 64, text.utf8.count == 64 else {
            throw SettingsFault(
                cause: "this is not the 64 hexadecimal digits of a SHA-256",
                remedy: "never write a token here: run printf %s TOKEN | sha256sum")
        }
        return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension SettingsValue<Int64> {
    static let moment = SettingsValue("a moment in UTC", example: "2027-01-31T12:00:00Z") { text, _ in
        UTCDate.wallNanoseconds(parsing: text)
    }
}

extension SettingsValue<String> {
    /// Where an issuer's keys come from: a file, or https.
    static func keySource(_ folder: String) -> SettingsValue {
        let path = SettingsValue.path(folder)
        return SettingsValue("a file or an https URL", example: "https://login.example/.well-known/jwks.json") {
            text, isPlain throws(SettingsFault) in
            guard let scheme = text.firstMatch(of: /^([A-Za-z][A-Za-z0-9+.-]*):\/\//)?.1 else {
                return try path.parse(text, isPlain)
            }
            guard scheme == "https" else {
                throw SettingsFault(
                    cause: "keys that come over \(scheme):// could be anybody's",
                    remedy: "write https://, or name a file")
            }
            guard text.wholeMatch(of: /https:\/\/[^\/@?#\s]+(\/[^@#\s]*)?/) != nil else {
                throw SettingsFault(
                    cause: "the URL of the keys has more than host and path",
                    remedy: "for example: https://login.example/.well-known/jwks.json")
            }
            return text
        }
    }
}

extension SettingsValue<NamePattern> {
    static func namePattern(for field: ClientCertificate.Field) -> SettingsValue {
        SettingsValue("a pattern", example: "\"{user}@example.com\"") { text, _ throws(SettingsFault) in
            if let pattern = NamePattern(text, for: field) { return pattern }
            throw SettingsFault(
                cause: "“\(text)” does not say once where the user's name stands, with at most one * beside it",
                remedy: "write {user} in its place, and one * in any other part: \"spiffe://example.com/*/{user}\"")
        }
    }
}
