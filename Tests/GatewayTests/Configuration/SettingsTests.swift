import Adapters
import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

@Suite struct SettingsTests {
    private func draft(_ text: String) -> SettingsDraft {
        SettingsDraft(parsing: Array(text.utf8), folder: "/etc/wiretrail")
    }

    private func settings(_ text: String) throws -> Settings {
        let draft = draft(text)
        try #require(draft.problems.isEmpty, "\(draft.problems)")
        return try #require(draft.settings)
    }

    private static let small = """
        version: 1
        listeners:
          - address: 127.0.0.1:6432
        targets:
          - name: orders
            url: postgres://db.internal/orders

        """

    /// The first fenced block of YAML of a page.
    private static func example(_ page: String = "docs/config.md") throws -> String {
        let text = try #require(read("\(Repository.root)/\(page)"))
        let begin = try #require(text.firstRange(of: "```yaml\n"))
        let end = try #require(text[begin.upperBound...].firstRange(of: "```"))
        return String(text[begin.upperBound..<end.lowerBound])
    }

    @Test func `the examples elsewhere are valid, too`() throws {
        #expect(try settings(try Self.example("README.md")).rules.rules.map(\.name) == ["whole-tables"])
        let anyGroup = #"identities: {jwt: [{issuer: i, audience: a, keys: "https://k/", claims: {groups: g}}]}"#
        let rules = try settings("\(Self.small)\(anyGroup)\n\(try Self.example("docs/rules.md"))").rules
        #expect(rules.rules.map(\.action) == [.allow, .deny, .ask])
    }

    @Test func `the example of the manual is valid, and says all of this`() throws {
        let settings = try settings(try Self.example())
        #expect(settings.state == "/var/lib/wiretrail/state")
        #expect(settings.listeners.map(\.address.description) == ["0.0.0.0:6432", "0.0.0.0:8443", "127.0.0.1:6433"])
        #expect(settings.listeners[0].logins == [.scram, .jwt, .token, .certificate])
        #expect(settings.listeners[0].tls?.certificate == "/etc/wiretrail/tls/server.pem")
        #expect(settings.listeners[0].tls?.sni.count == 1)
        #expect(settings.listeners[1].logins == [.jwt, .token])
        #expect(settings.listeners[1].targets == ["files", "search"])
        #expect(settings.listeners[1].hosts == ["gateway.example.com"])
        #expect(settings.listeners[1].proxies?.field == .xForwardedFor)
        #expect(settings.listeners[1].proxies?.trusted.map(\.description) == ["10.1.0.0/16"])
        #expect(settings.listeners[2].logins == [.local])
        #expect(settings.listeners[2].targets == ["orders", "reports"])
        #expect(
            settings.targets.map(\.place) == [
                "db1.internal:5432", "/var/run/postgresql/.s.PGSQL.5432", "https://tools.internal:9000/mcp",
                "http://127.0.0.1:9001",
            ])
        #expect(settings.targets[2].route == Settings.Target.Route(path: "/files", hosts: ["files.example.com"]))
        #expect(settings.targets[2].tls.verification == .full)
        #expect(settings.targets[3].credential.header == "X-Api-Key")
        #expect(settings.targets[0].credential.passwordFile == "/etc/wiretrail/secrets/orders")
        #expect(settings.targets[0].allowed == Settings.Callers(users: ["alice"], groups: ["engineers"]))
        #expect(settings.targets[1].tls.verification == .off)
        #expect(settings.identities.users[0].verifier.iterations == 4096)
        #expect(settings.identities.tokens[0].sha256.count == 32)
        #expect(settings.identities.jwt[0].claims.user == "email")
        #expect(settings.identities.certificates[0].field == .email)
        #expect(settings.rules.standard == .allow)
        let rules = settings.rules.rules
        #expect(rules.map(\.action) == [.deny, .deny, .ask, .deny, .deny, .deny, .deny, .deny, .deny])
        #expect(rules[0].tables == ["public.customers", "payroll.*"])
        #expect(rules[0].columns == ["card_number"])
        #expect(rules[2].statements == [.drop, .alter, .truncate, .grant, .create])
        #expect(rules[2].patience == .seconds(600))
        #expect(rules[3].withoutWhere)
        #expect(rules[5].requests?.methods == ["POST", "PUT", "DELETE"])
        #expect(rules[5].requests?.paths == ["/admin/*"])
        #expect(rules[6].requests?.arguments == [ArgumentPattern("path", ["/etc/*", "/root/*"])])
        #expect(rules[7].requests?.rpc == ["prompts/*"])
        #expect(rules[8].hours == RuleHours(days: [.mon, .tue, .wed, .thu, .fri], start: 22 * 60, end: 6 * 60))
        #expect(settings.recording.minimumFree == 256 << 20)
        #expect(settings.metrics?.address.port == 9464)
        #expect(settings.log.format == .text)
    }

    /// A key that the example lacks would be one that nobody learns of.
    @Test func `the example of the manual has every key that is read`() async throws {
        let folder = Repository.root + "/Sources/Gateway/Configuration"
        let sources = try await Command("sh", ["-c", "cat '\(folder)'/*.swift"]).output()
        let reads = /section\.(?:required|optional|value|list|lists|file|secretFile|section|sections)\(\s*"(\w+)"/
        let keys = Set(sources.matches(of: reads).map { String($0.1) })
        #expect(keys.count > 50)
        let example = Set(try Self.example().matches(of: /(\w+):/).map { String($0.1) })
        #expect(keys.subtracting(example).isEmpty)
    }

    @Test func `what is left out has its default`() throws {
        let settings = try settings(Self.small)
        #expect(settings.listeners[0].logins == [.local])
        #expect(settings.listeners[0].targets == ["orders"])
        #expect(settings.targets[0].tls.verification == .full)
        #expect(settings.targets[0].credential.user == nil)
        #expect(settings.rules == RuleSet())
        #expect(settings.limits == Settings.Limits())
        #expect(settings.recording == Settings.Recording())
        #expect(settings.metrics == nil)
    }

    @Test(arguments: [("alice", [], true), ("bob", ["staff"], true), ("bob", ["guests"], false), ("staff", [], false)])
    func `a rule's users and groups are one list of callers`(
        _ user: String, _ groups: [String], _ isMeant: Bool
    ) throws {
        let settings = try settings(
            Self.small + """
                identities: {jwt: [{issuer: i, audience: a, keys: "https://k/", claims: {groups: g}}]}
                rules:
                  default: allow
                  named: [{name: r, verdict: deny, who: {users: [alice], groups: ["st*"]}}]
                """)
        let identity = Identity(subject: user, groups: groups, method: "jwt")
        #expect(settings.rules.rules[0].concerns(identity, on: "orders") == isMeant)
    }

    @Test func `identities become a store that lets them in`() throws {
        let settings = try settings(try Self.example())
        let store = IdentityStore<OpenSSLCryptography>(
            settings.identities, keys: [:], secret: Secret(Array(repeating: 7, count: 32)))
        #expect(store.hasPassword(Array("alice".utf8)))
        #expect(store.password(of: Array("alice".utf8)).identity?.groups == ["engineers"])
        #expect(store.password(of: Array("mallory".utf8)).identity == nil)
        #expect(store.issuers.isEmpty, "without keys no token is accepted")
        let certificate = ClientCertificate(
            names: [.email: ["bob@example.com"]], fingerprint: [], notAfter: .max)
        #expect(try store.identity(of: certificate, at: 0).subject == "bob")
    }

    @Test func `what prints settings prints no verifier`() throws {
        let settings = try settings(try Self.example())
        var text = ""
        dump(settings, to: &text)
        #expect(text.contains("alice"))
        #expect(!text.contains("EUO6Wp") && !"\(settings)".contains("EUO6Wp"))
    }

    /// Bytes replaced, lines dropped, doubled and swapped.
    @Test(arguments: (0..<4).map { _ in UInt64.random(in: 0 ... .max) })
    func `no mutation of the example does harm`(_ seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let lines = try Self.example().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<100 {
            var lines = lines
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let (one, other) = (
                    lines.indices.randomElement(using: &generator)!, lines.indices.randomElement(using: &generator)!
                )
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: lines.remove(at: one)
                case 1: lines.insert(lines[one], at: other)
                default: lines.swapAt(one, other)
                }
            }
            var bytes = Array(lines.joined(separator: "\n").utf8)
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                bytes[bytes.indices.randomElement(using: &generator)!] = Array(" :-[]{}#&*!|>'\"\n\t\0".utf8)
                    .randomElement(using: &generator)!
            }
            let draft = SettingsDraft(parsing: bytes, folder: "/etc")
            #expect(draft.settings != nil || !draft.problems.isEmpty)
            #expect(YAMLProperties.violation(bytes) == nil)
        }
    }
}

extension Settings.Target {
    fileprivate var place: String {
        switch url {
        case .postgres(let url): "\(url.upstreamHost)"
        case .http(let url): "\(url)"
        }
    }
}
