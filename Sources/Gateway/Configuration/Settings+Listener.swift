public import Protocols
public import Transport

extension Settings {
    /// One address that clients connect to.
    public struct Listener: Sendable, Hashable {
        public var `protocol`: ProtocolID
        public var address: SocketAddress
        /// `nil`: no TLS.
        public var tls: TLS?
        /// The ways to log in here.
        public var logins: Set<Login>
        /// Whether passwords have to be bound to the listener's certificate (SCRAM-SHA-256-PLUS).
        public var channelBinding = ChannelBinding.offered
        /// The names of the targets that are to be had here.
        public var targets: [String]
        /// With HTTP, the names that clients call this address by: what else stands in Host is refused.
        public var hosts: [String] = []
        /// With HTTP, the origins of pages that may come here, besides those of the address itself.
        public var origins: [String] = []
        /// With HTTP, the proxies before it whose word counts on where requests come from; `nil`: nobody's does.
        public var proxies: Proxies?

        public enum Login: String, Sendable, CaseIterable {
            /// A user's password, by SCRAM-SHA-256.
            case scram
            /// A JSON web token as password.
            case jwt
            /// A static token as password.
            case token
            /// The client's certificate.
            case certificate
            /// The user of this machine that runs the gateway, by the kernel's word; on loopback only.
            case local
        }

        public enum ChannelBinding: String, Sendable, CaseIterable {
            case offered
            /// Neither passwords without it nor tokens are taken.
            case required
        }

        /// How this listener speaks TLS.
        public struct TLS: Sendable, Hashable {
            public enum Mode: String, Sendable, CaseIterable {
                /// Who does not ask for TLS is refused.
                case required
                /// Clients may do without.
                case optional
            }

            public enum ClientCertificates: String, Sendable, CaseIterable { case optional, required }

            public var mode = Mode.required
            /// The chain in PEM, the listener's own certificate first; `nil`: one of the development CA.
            public var certificate: String?
            /// Its private key in PEM.
            public var key: String?
            /// Further certificates, chosen by the name that the client asks for (SNI).
            public var sni: [CertifiedKey] = []
            /// The authorities in PEM whose client certificates count; `nil`: none are asked for.
            public var clientCA: String?
            public var clientCertificates = ClientCertificates.optional
            /// Revocation lists in PEM.
            public var crl: String?
        }

        public struct CertifiedKey: Sendable, Hashable {
            public var certificate: String
            public var key: String
        }
    }
}

// MARK: Reading

extension Settings.Listener {
    init?(_ section: SettingsSection, _ names: SettingsNames) {
        let protocolID = section.value("protocol", .protocolID, default: ProtocolDescriptor.postgres.id)
        let address = section.required("address", .address)
        tls = section.section("tls", TLS.init)
        channelBinding = section.value("channelBinding", .word, default: channelBinding)
        let wanted = section.list("targets", names.target)
        let named = section.list("logins", .word) as [Login]
        guard let address else { return nil }
        self.protocol = protocolID
        self.address = address
        targets = section.has("targets") ? wanted : names.targets(speaking: protocolID)
        logins = Set(named)
        if !section.has("logins") {
            logins = names.logins(protocolID, isLoopback: address.isLoopback, hasClientCA: tls?.clientCA != nil)
        }
        checkTargets(section, names)
        checkLogins(section, names)
        if protocolID == .http {
            readHTTP(section)
        } else {
            checkSocketName(section)
            checkChannelBinding(section)
        }
    }

    private func checkTargets(_ section: SettingsSection, _ names: SettingsNames) {
        let own = names.targets(speaking: self.protocol)
        for target in targets where names.targets.contains(target) && !own.contains(target) {
            section.report(
                "targets", "“\(target)” speaks another protocol than this listener",
                "give it a listener of its own, with its protocol")
        }
    }

    private mutating func readHTTP(_ section: SettingsSection) {
        hosts = section.list("hosts", .hostName)
        origins = section.list("origins", .origin)
        proxies = section.section("proxies", Proxies.init)
        if case .unix = address {
            section.report("address", "HTTP is not listened for on a Unix socket", "write 127.0.0.1:8080")
        }
        if hosts.isEmpty, !section.has("hosts") {
            if address.isLoopback {
                hosts = ["localhost", "127.0.0.1", "[::1]"]
            } else {
                section.report(
                    "address", "the names are missing by which clients reach \(address)",
                    "add them, so that no other name leads here: hosts: [gateway.example]")
            }
        }
        if tls?.mode == .optional {
            section.report("tls", "with HTTP, an address has TLS or has none", "leave “mode” out")
        }
        if section.has("channelBinding") {
            section.report("channelBinding", "there is no channel binding in HTTP", "leave it out")
        }
        if section.has("logins"), logins.contains(.scram) {
            section.report("logins", "scram is PostgreSQL's", "write what clients show: jwt, token or certificate")
        }
    }

    private func checkChannelBinding(_ section: SettingsSection) {
        guard channelBinding == .required else { return }
        if let tls {
            section.refer("channelBinding", to: .binding(tls))
        } else {
            section.report(
                "channelBinding", "a password is bound to the certificate of TLS, and there is none",
                "add “tls:” to this listener")
        }
        if section.has("logins"), !logins.isDisjoint(with: [.jwt, .token]) {
            section.report(
                "channelBinding", "tokens cannot be bound, and this listener takes them",
                "say what it takes: logins: [scram, certificate]")
        }
    }

    /// libpq finds a Unix socket only by its folder and the port in its name.
    private func checkSocketName(_ section: SettingsSection) {
        guard case .unix(let path) = address else { return }
        section.checkSocketLength("address", path)
        guard path.wholeMatch(of: /\/.+\/\.s\.PGSQL\.[0-9]{1,5}/) == nil else { return }
        section.report(
            "address", "clients do not find a Unix socket of the name \(path)",
            "write it as psql looks for it: /FOLDER/.s.PGSQL.6432")
    }

    private func checkLogins(_ section: SettingsSection, _ names: SettingsNames) {
        for login in Login.allCases where logins.contains(login) && section.has("logins") {
            guard let missing = names.missing(for: login) else { continue }
            section.report("logins", "nobody can log in by \(login.rawValue)", "add \(missing), or leave the word out")
        }
        if logins.isEmpty {
            section.report(
                "address", "nobody could log in at \(address)",
                "add users, tokens, jwt or certificates to “identities”, or listen on 127.0.0.1")
        }
        if logins.contains(.local), !address.isLoopback {
            section.report(
                "logins", "local logins are for loopback, and \(address) is not",
                "leave “local” out, or listen on 127.0.0.1")
        }
        if logins.contains(.certificate), tls?.clientCA == nil {
            section.report("logins", "certificates cannot be checked without their authority", "add tls: clientCA: …")
        }
        let bearers = logins.intersection([.jwt, .token]).map(\.rawValue).sorted()
        if !bearers.isEmpty, tls == nil, !address.isLoopback {
            section.report(
                "address", "\(bearers.joined(separator: " and ")) logins would cross the network in the clear",
                "add “tls:” to this listener, or say what it takes: logins: [scram]")
        }
    }
}

extension Settings.Listener.TLS {
    init?(_ section: SettingsSection) {
        mode = section.value("mode", .word, default: mode)
        certificate = section.file("certificate")
        key = section.secretFile("key")
        sni = section.sections("sni", unique: "certificate", Settings.Listener.CertifiedKey.init)
        clientCA = section.file("clientCA")
        clientCertificates = section.value("clientCertificates", .word, default: clientCertificates)
        crl = section.file("crl")
        section.checkPair("certificate", "key")
        section.checkNeeds("clientCertificates", "clientCA", "client certificates cannot be checked without it")
        section.checkNeeds("crl", "clientCA", "it says whose certificates are revoked")
        section.checkNeeds("sni", "certificate", "clients that name no host get that one")
        section.refer("certificate", as: "tls", to: .server(self))
    }
}

extension Settings.Listener.CertifiedKey {
    init?(_ section: SettingsSection) {
        let (certificate, key) = (
            section.file("certificate"),
            section.secretFile("key")
        )
        for part in ["certificate", "key"] where !section.has(part) {
            section.reportMissing(part, "/etc/wiretrail/\(part).pem")
        }
        guard let certificate, let key else { return nil }
        self.certificate = certificate
        self.key = key
    }
}

extension SettingsSection {
    /// Tells when one of two keys stands without the other.
    func checkPair(_ first: String, _ second: String) {
        for (present, absent) in [(first, second), (second, first)] where has(present) && !has(absent) {
            report(present, "“\(present)” stands without “\(absent)”", "add the \(absent), or leave both out")
        }
    }

    /// Tells when `key` is there without the key that gives it a meaning.
    func checkNeeds(_ key: String, _ other: String, _ reason: String) {
        guard has(key), !has(other) else { return }
        report(key, "“\(key)” needs “\(other)”: \(reason)", "add “\(other)”, or leave “\(key)” out")
    }
}

extension SettingsValue<ProtocolID> {
    /// A protocol that a listener can speak.
    static let protocolID = SettingsValue("a protocol", example: "postgres") { text, _ throws(SettingsFault) in
        let all: [ProtocolID] = [ProtocolDescriptor.postgres.id, .http]
        if let id = all.first(where: { $0.rawValue == text }) { return id }
        let names = all.map(\.rawValue).joined(separator: ", ")
        throw SettingsFault(cause: "“\(text)” is no protocol that can be listened for", remedy: "there are: \(names)")
    }
}
