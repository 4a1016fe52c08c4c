public import Protocols

extension Settings {
    /// A server that callers reach through the gateway.
    public struct Target: Sendable {
        public var name: String
        /// Holds no password.
        public var url: URL
        public var credential: Credential
        public var tls: TLS
        /// Who may use it; `nil`: everybody who can log in.
        public var allowed: Callers?

        /// Where HTTP clients find it on its listeners.
        public var route = Route()

        /// Where the server is, in the words of its protocol.
        public enum URL: Sendable {
            case postgres(PostgresURL)
            case http(HTTPURL)
        }

        public var `protocol`: ProtocolID {
            switch url {
            case .postgres: ProtocolDescriptor.postgres.id
            case .http: .http
            }
        }

        /// Who the gateway is towards the server. At most one of its secrets is set, from one place.
        public struct Credential: Sendable, Hashable {
            /// `nil`: whoever the caller is, or nobody with HTTP.
            public var user: String?
            /// A file that holds the password and nothing else.
            public var passwordFile: String?
            /// The environment variable that holds the password.
            public var passwordEnvironment: String?
            /// The field of HTTP that gets the token; `nil`: Authorization, with the scheme Bearer before it.
            public var header: String?
            /// As the password.
            public var tokenFile: String?
            public var tokenEnvironment: String?
        }

        /// What of a listener's requests goes to the target. Of several targets that fit, the one with the longest path.
        public struct Route: Sendable, Hashable {
            /// The path's beginning, which the server does not see; "/" for all of them, else without a slash at the end.
            public var path = "/"
            /// The names in Host; empty: all that the listener answers to.
            public var hosts: [String] = []
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
        let isHTTP = section.value("protocol", .protocolID, default: ProtocolDescriptor.postgres.id) == .http
        let url: URL? =
            isHTTP
            ? section.required("url", .httpURL).map(URL.http) : section.required("url", .postgresURL).map(URL.postgres)
        credential = section.section("credential") { Credential($0, isHTTP: isHTTP) } ?? Credential()
        tls = section.section("tls", TLS.init) ?? url?.tls ?? TLS()
        allowed = section.section("allowed") { Settings.Callers($0, names) }
        if isHTTP { route = Route(section) }
        guard let name, let url else { return nil }
        self.name = name
        self.url = url
        switch url {
        case .postgres(let url):
            checkUser(url, section)
            checkTLS(url, section)
        case .http(let url): checkTLS(url, section)
        }
    }

    private mutating func checkUser(_ url: PostgresURL, _ section: SettingsSection) {
        guard let user = url.user else { return }
        if credential.user == nil {
            credential.user = user
        } else {
            section.report("url", "both the URL and “credential” name a user", "leave “\(user)@” out of the URL")
        }
    }

    private func checkTLS(_ url: PostgresURL, _ section: SettingsSection) {
        if url.isUnixSocket, tls.verification != .off {
            section.report("tls", "PostgreSQL speaks no TLS over a Unix socket", "leave “tls” out")
        }
    }

    /// The scheme says whether there is TLS.
    private func checkTLS(_ url: HTTPURL, _ section: SettingsSection) {
        guard section.has("tls"), url.isEncrypted != (tls.verification != .off) else { return }
        section.report(
            "tls", url.isEncrypted ? "https has TLS, and “tls” takes it away" : "http has no TLS, and “tls” wants some",
            url.isEncrypted ? "write http://, or another verification" : "write https://, or leave “tls” out")
    }
}

extension Settings.Target.URL {
    /// What the URL says of TLS.
    fileprivate var tls: Settings.Target.TLS {
        switch self {
        case .postgres(let url): url.tls
        case .http(let url): Settings.Target.TLS(verification: url.isEncrypted ? .full : .off)
        }
    }
}

extension Settings.Target.Route {
    init(_ section: SettingsSection) {
        path = section.value("path", .routePath, default: path)
        hosts = section.list("hosts", .hostName)
    }
}

extension Settings.Target.Credential {
    init?(_ section: SettingsSection, isHTTP: Bool) {
        readPassword(section)
        guard isHTTP else { return }
        header = section.optional("header", .fieldName)
        tokenFile = section.secretFile("tokenFile")
        tokenEnvironment = section.optional("tokenEnvironment", .variable)
        if let tokenEnvironment { section.refer("tokenEnvironment", to: .variable(name: tokenEnvironment)) }
        let tokens = ["tokenFile", "tokenEnvironment"].filter(section.has)
        if tokens.count == 2 {
            section.report(
                "tokenEnvironment", "the token is to come from two places", "leave “tokenFile” or “tokenEnvironment”")
        }
        if let token = tokens.first, section.has("user") {
            section.report(token, "there are two credentials: a token, and a user", "leave one of them out")
        }
        if tokens.isEmpty, section.has("header") {
            section.report("header", "“header” needs a token to carry", "add tokenFile or tokenEnvironment")
        }
        if user != nil, passwordFile == nil, passwordEnvironment == nil {
            section.report("user", "a user without a password is no credential of HTTP", "add passwordFile: …")
        }
    }

    private mutating func readPassword(_ section: SettingsSection) {
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

extension SettingsValue<HTTPURL> {
    static let httpURL = SettingsValue("a server's address", example: "https://tools.internal/mcp") {
        text, _ throws(SettingsFault) in
        let url: HTTPURL
        do throws(HTTPURL.Fault) { url = try HTTPURL(text) } catch {
            throw SettingsFault(cause: error.cause, remedy: error.remedy)
        }
        guard !text.lowercased().hasPrefix("https+") else {
            throw SettingsFault(
                cause: "how the certificate is verified does not stand in the URL here",
                remedy: "write https://, and tls: verification: none")
        }
        guard !RequestPath(url.path).isAmbiguous, !url.path.contains("?"), !url.path.contains("%") else {
            throw SettingsFault(
                cause: "the URL's path could be read in two ways",
                remedy: "write it without “..”, “//”, “?” and escapes")
        }
        return url
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
