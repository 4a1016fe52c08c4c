public import Protocols

extension Settings {
    /// A server that callers reach through the gateway.
    public struct Target: Sendable {
        public var name: String
        public var `protocol`: ProtocolID
        /// Holds no password.
        public var url: PostgresURL
        public var credential: Credential
        public var tls: TLS
        /// Who may use it; `nil`: everybody who can log in.
        public var allowed: Callers?

        /// Who the gateway is towards the server. At most one of the two passwords is set.
        public struct Credential: Sendable, Hashable {
            /// `nil`: whoever the caller is.
            public var user: String?
            /// A file that holds the password and nothing else.
            public var passwordFile: String?
            /// The environment variable that holds the password.
            public var passwordEnvironment: String?
        }

        /// TLS towards the server.
        public struct TLS: Sendable, Hashable {
            public enum Verification: String, Sendable, CaseIterable {
                /// The certificate's authority, its dates and the host's name.
                case full
                /// The authority and the dates: any host of theirs will do.
                case authority
                /// Encrypted, with whomever.
                case none
                /// No TLS.
                case off
            }

            public var verification = Verification.full
            /// The authorities in PEM; `nil`: those that this system trusts.
            public var roots: String?
            /// The gateway's certificate, if the server wants one.
            public var certificate: String?
            public var key: String?
        }
    }

    /// Callers by name or group; one match is enough.
    public struct Callers: Sendable, Hashable {
        public var users: [String] = []
        public var groups: [String] = []
    }
}

// MARK: Reading

extension Settings.Target {
    init?(_ section: SettingsSection, _ names: SettingsNames) {
        let name = section.required("name", .name("orders"))
        let protocolID = section.value("protocol", .protocolID, default: ProtocolDescriptor.postgres.id)
        let url = section.required("url", .postgresURL)
        credential = section.section("credential", Credential.init) ?? Credential()
        tls = section.section("tls", TLS.init) ?? url?.tls ?? TLS()
        allowed = section.section("allowed") { Settings.Callers($0, names) }
        guard let name, let url else { return nil }
        self.name = name
        self.protocol = protocolID
        self.url = url
        checkUser(section)
        checkTLS(section)
    }

    private mutating func checkUser(_ section: SettingsSection) {
        guard let user = url.user else { return }
        if credential.user == nil {
            credential.user = user
        } else {
            section.report("url", "both the URL and “credential” name a user", "leave “\(user)@” out of the URL")
        }
    }

    private func checkTLS(_ section: SettingsSection) {
        if url.isUnixSocket, tls.verification != .off {
            section.report("tls", "PostgreSQL speaks no TLS over a Unix socket", "leave “tls” out")
        }
    }
}

extension Settings.Target.Credential {
    init?(_ section: SettingsSection) {
        user = section.optional("user", .name("orders_app"))
        passwordFile = section.secretFile("passwordFile")
        passwordEnvironment = section.optional("passwordEnvironment", .variable)
        if let passwordEnvironment { section.refer("passwordEnvironment", to: .variable(name: passwordEnvironment)) }
        if section.has("passwordFile"), section.has("passwordEnvironment") {
            section.report(
                "passwordEnvironment", "the password is to come from two places",
                "leave “passwordFile” or “passwordEnvironment”")
        }
        if user == nil, section.has("passwordFile") || section.has("passwordEnvironment") {
            section.reportMissing("user", "the one whose password it is")
        }
    }
}

extension Settings.Target.TLS {
    init?(_ section: SettingsSection) {
        verification = section.value("verification", .word, default: verification)
        roots = section.file("roots")
        certificate = section.file("certificate")
        key = section.secretFile("key")
        section.checkPair("certificate", "key")
        section.refer("certificate", as: "tls", to: .client(self))
        guard [.off, .none].contains(verification) else { return }
        if section.has("roots") {
            section.report(
                "roots", "with verification: \(verification.rawValue), no authority is asked for",
                "write verification: full, or leave “roots” out")
        }
        if verification == .off, section.has("certificate") {
            section.report("certificate", "without TLS no certificate is shown", "leave it out")
        }
    }
}

extension Settings.Callers {
    init?(_ section: SettingsSection, _ names: SettingsNames) {
        users = section.list("users", names.user)
        groups = section.list("groups", names.group)
        section.checkNotEmpty("“allowed” names nobody", "leave it out, or add users: […] or groups: […]")
    }
}

extension SettingsValue<PostgresURL> {
    static let postgresURL = SettingsValue("a server's address", example: "postgres://db1.internal:5432/orders") {
        text, _ throws(SettingsFault) in
        guard !text.contains("sslmode="), !text.contains("sslrootcert=") else {
            throw SettingsFault(
                cause: "“sslmode” does not stand in the URL here", remedy: "write it as tls: verification: full, or off"
            )
        }
        let url: PostgresURL
        do throws(PostgresURL.Fault) { url = try PostgresURL(text) } catch {
            throw SettingsFault(cause: error.cause, remedy: error.remedy)
        }
        guard url.password == nil else {
            throw SettingsFault(
                cause: "the URL holds a password, and this file is no place for one",
                remedy: "write it into a file of mode 600 and name that: credential: passwordFile: …")
        }
        return url
    }
}
