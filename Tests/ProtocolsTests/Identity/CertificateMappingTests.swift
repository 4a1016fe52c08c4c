import Protocols
import Testing

@Suite struct NamePatternTests {
    typealias Field = ClientCertificate.Field

    private func user(_ pattern: String, _ field: Field = .commonName, in name: String) throws -> String? {
        try #require(NamePattern(pattern, for: field)).user(in: name)
    }

    @Test(arguments: [
        ("{user}", Field.commonName, "alice", "alice"),
        ("{user}@example.com", .email, "a.b-c_d@example.com", "a.b-c_d"),
        ("spiffe://example.com/*/{user}", .uri, "spiffe://example.com/people/alice", "alice"),
        ("CN={user},OU=Orders,O=Example", .subject, "CN=alice,OU=Orders,O=Example", "alice"),
        ("{user}.people.example.com", .dns, "alice.people.example.com", "alice"),
        ("user-{user}", .commonName, "user-al", "al"),
        ("CN=p-{user}-1,O=*", .subject, "CN=p-alice-1,O=any thing", "alice"), ("{user}", .commonName, "Zoë", "Zoë"),
    ])
    func `the user's name is where the pattern says`(
        _ pattern: String, _ field: Field, _ name: String, _ user: String
    ) throws {
        #expect(try self.user(pattern, field, in: name) == user)
    }

    @Test(arguments: [
        "", "alice", "*", "{user}{user}", "{user},{user}", "{user}*", "*{user}", "a*b*", "{user}@*.*x*", "{User}",
    ])
    func `a pattern that names nobody, or could be read in two ways, is none`(_ pattern: String) {
        #expect(NamePattern(pattern, for: .commonName) == nil)
    }

    @Test(arguments: [
        // Another domain, before, behind, below and above; another case; nobody at all.
        ("{user}@example.com", Field.email, "alice@evil.com"),
        ("{user}@example.com", .email, "alice@example.com.evil.com"),
        ("{user}@example.com", .email, "alice@evil.example.com"), ("{user}@example.com", .email, "alice@EXAMPLE.com"),
        ("{user}@example.com", .email, "@example.com"), ("{user}@example.com", .email, "example.com"),
        ("{user}@example.com", .email, " \n@example.com"), ("{user}@example.com", .email, "alice@example.com "),
        // A name that holds what separates.
        ("{user}@example.com", .email, "root@evil.com@example.com"),
        ("{user}@example.com", .commonName, "a/b@example.com"),
        ("spiffe://example.com/*/{user}", .uri, "spiffe://example.com/people/a/alice"),
        ("spiffe://example.com/*/{user}", .uri, "spiffe://example.com//alice"),
        ("spiffe://example.com/*/{user}", .uri, "spiffe://example.com/people/alice?x"),
        ("spiffe://example.com/*/{user}", .uri, "spiffe://example.com:1/people/alice"),
        ("spiffe://example.com/*/{user}", .uri, "spiffe://example.com/people/"),
        ("{user}.people.example.com", .dns, "a.b.people.example.com"),
        ("{user}.people.example.com", .dns, "*.people.example.com"),
        // A part of a name that pretends to be several: the comma is escaped (RFC 4514 §2.4).
        ("CN={user},OU=Orders,O=Example", .subject, "CN=alice\\,OU=Orders,O=Example"),
        ("CN={user},OU=Orders,O=Example", .subject, "CN=alice\\,OU=Orders\\,O=Example"),
        ("CN={user},OU=Orders", .subject, "CN=x\\,OU=Orders"), ("CN={user},O=*", .subject, "CN=alice,O=x\\,O=Example"),
        ("CN={user},O=Example", .subject, "CN=alice,O=Example,C=DE"),
        ("CN={user},O=Example", .subject, "CN=alice+CN=root,O=Example"),
        ("CN={user},O=Example", .subject, "O=Example,CN=alice"),
        ("CN={user},O=Example", .subject, "2.5.4.3=alice,O=Example"),
        ("{user}", .commonName, ""), ("{user}", .commonName, "alice\0"), ("{user}", .commonName, "al\u{7f}ice"),
        ("{user}", .commonName, "*"), ("user-{user}", .commonName, "user-"), ("a{user}a", .commonName, "a"),
        ("a{user}a", .commonName, "aa"),
    ])
    func `a name that only looks alike names nobody`(_ pattern: String, _ field: Field, _ name: String) throws {
        #expect(try user(pattern, field, in: name) == nil)
    }
}

@Suite struct CertificateMappingTests {
    private static let end: Int64 = 2_000_000_000_000_000_000

    private func certificate(_ names: [ClientCertificate.Field: [String]], notAfter: Int64 = end) -> ClientCertificate {
        ClientCertificate(names: names, fingerprint: [0xab, 0xcd], notAfter: notAfter)
    }

    private func store(_ mappings: (ClientCertificate.Field, String, String)...) throws -> Store {
        Store(
            certificates: try mappings.map { field, pattern, group in
                CertificateMapping(
                    field: field, pattern: try #require(NamePattern(pattern, for: field)), groups: [group])
            }, secret: Secret([1]))
    }

    @Test func `a certificate proves the user that its first mapping names, until it ends`() throws {
        let store = try store((.email, "{user}@example.com", "staff"), (.commonName, "{user}", "anybody"))
        let both = certificate([.email: ["x@other.com", "alice@example.com"], .commonName: ["root"]])
        #expect(
            try store.identity(of: both, at: 1)
                == Identity(
                    subject: "alice", groups: ["staff"], method: "certificate", facts: ["fingerprint": "abcd"],
                    validUntil: Self.end))
        #expect(try store.identity(of: certificate([.commonName: ["bob"]]), at: 1).groups == ["anybody"])
    }

    @Test func `a certificate without a mapping names nobody`() throws {
        let nobody = certificate([.commonName: ["alice"], .dns: ["alice"]])
        #expect(throws: IdentityRefusal.unmappedCertificate) { try store().identity(of: nobody, at: 1) }
        #expect(throws: IdentityRefusal.unmappedCertificate) {
            try store((.email, "{user}", "g")).identity(of: nobody, at: 1)
        }
        #expect(throws: IdentityRefusal.unmappedCertificate) {
            try store((.email, "{user}", "g")).identity(of: certificate([:]), at: 1)
        }
    }

    @Test func `two users in one certificate are one too many`() throws {
        let store = try store((.email, "{user}@example.com", "g"))
        let two = certificate([.email: ["alice@example.com", "root@example.com"]])
        #expect(throws: IdentityRefusal.ambiguousCertificate) { try store.identity(of: two, at: 1) }
        let twice = certificate([.email: ["alice@example.com", "alice@example.com"]])
        #expect(try store.identity(of: twice, at: 1).subject == "alice")
    }

    @Test func `a certificate that has ended proves nothing`() throws {
        let store = try store((.commonName, "{user}", "g"))
        let ended = certificate([.commonName: ["alice"]], notAfter: 5)
        #expect(throws: IdentityRefusal.expiredCertificate) { try store.identity(of: ended, at: 5) }
        #expect(try store.identity(of: ended, at: 4).validUntil == 5)
    }
}
