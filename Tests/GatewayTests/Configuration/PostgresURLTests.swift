import Protocols
import Testing

@testable import Gateway

@Suite struct PostgresURLTests {
    @Test(
        arguments: [
            ("postgres://alice@db.example/shop", "alice", "db.example:5432", "shop"),
            ("postgresql://alice@db.example:5433/shop", "alice", "db.example:5433", "shop"),
            ("POSTGRES://db", nil, "db:5432", nil),
            ("postgres://", nil, "localhost:5432", nil),
            ("postgres:///shop", nil, "localhost:5432", "shop"),
            ("postgres://a%40b:p%3Aw%2F@h/d%20b", "a@b", "h:5432", "d b"),
            ("postgres://alice@[::1]:6000/shop", "alice", "[::1]:6000", "shop"),
            ("postgres://alice@[fe80::1]", "alice", "[fe80::1]:5432", nil),
            ("postgres:///shop?host=/var/run/postgresql", nil, "/var/run/postgresql/.s.PGSQL.5432", "shop"),
            ("postgres://alice@%2Ftmp%2Fpg:5444/shop", "alice", "/tmp/pg/.s.PGSQL.5444", "shop"),
            ("postgres://h/d?user=bob&port=7&dbname=e&sslmode=disable", "bob", "h:7", "e"),
            ("postgres://al@ice@h/d", "al@ice", "h:5432", "d"),
        ] as [(String, String?, String, String?)])
    func `a URL names user, host and database`(
        _ text: String, _ user: String?, _ host: String, _ database: String?
    ) throws {
        let url = try PostgresURL(text)
        #expect(url.user == user)
        #expect(url.upstreamHost.description == host)
        #expect(url.database == database)
    }

    @Test func `the password is decoded, and printed nowhere`() throws {
        let url = try PostgresURL("postgres://alice:p%3Aw%2F@h/d")
        #expect(url.password?.bytes == Array("p:w/".utf8))
        #expect(!"\(url)".contains("p:w/"))
    }

    @Test(arguments: [
        "localhost/shop", "mysql://h/d", "postgres://h:0/d", "postgres://h:65536", "postgres://h:five",
        "postgres://[::1/d", "postgres://[::1]x/d", "postgres://::1/d", "postgres://a,b/d", "postgres://h/%zz",
        "postgres://h/%ff", "postgres://h/d%00", "postgres://h/d?port=x", "postgres://h/d?host",
        "postgres://h/d?nope=1",
        "postgres://h/d?application_name=x", "postgres://h/d?sslmode=prefer", "postgres://h/d?sslmode=yes",
    ])
    func `a wrong URL is refused with cause and remedy`(_ text: String) {
        let fault = #expect(throws: PostgresURL.Fault.self) { try PostgresURL(text) }
        #expect(fault?.cause.isEmpty == false)
        #expect(fault?.remedy.isEmpty == false)
    }

    @Test(arguments: [
        "postgres://u:secret@h:x/d", "postgres://u:sec/secret@h/d", "postgres://u:secret/x@h",
        "postgres://u:secret?@h/d", "postgres://u:secret@[h", "u:secret@h/d", "postgres://u:secret:more@a:b:c/d",
    ])
    func `no refusal repeats a password`(_ text: String) {
        let fault = #expect(throws: PostgresURL.Fault.self) { try PostgresURL(text) }
        #expect(fault?.description.contains("secret") == false)
    }
}

@Suite struct PostgresPassFileTests {
    private static let question = PostgresPassFile.Question(host: "db", port: 5432, database: "shop", user: "alice")

    /// What libpq 15 (fe-connect.c, passwordFromFile) answers.
    @Test(
        arguments: [
            ("db:5432:shop:alice:secret", "secret"),
            ("*:*:*:*:any", "any"),
            ("# db:5432:shop:alice:no\n\ndb:5432:shop:alice:yes\r\n", "yes"),
            ("db:5433:shop:alice:no\ndb:5432:*:alice:first\ndb:5432:shop:alice:second", "first"),
            (#"db:5432:shop:alice:a\:b\\c:rest"#, #"a:b\c"#),
            (#"\db:5432:sh\op:alice:escaped"#, "escaped"),
            (#"\*:5432:shop:alice:no"#, nil),
            ("d*:5432:shop:alice:no", nil),
            ("db:5432:shop:alice", nil),
            ("db:5432:shop:alice:", nil),
            ("db:5432:shop:bob:no", nil),
            ("DB:5432:shop:alice:no", nil),
            ("", nil),
        ] as [(String, String?)])
    func `the first line that fits has the password`(_ file: String, _ password: String?) {
        let found = PostgresPassFile.password(in: Array(file.utf8), for: Self.question)
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == password)
    }

    @Test func `the default folder's socket is called localhost`() throws {
        let url = try PostgresURL("postgres:///?host=/var/run/postgresql")
        let question = PostgresPassFile.Question(url, user: "alice")
        #expect(question.host == "localhost")
        #expect(question.database == "alice")
    }

    @Test(arguments: [
        ("postgres://h/d", Settings.Target.TLS.Verification.full), ("postgres://127.0.0.1/d", .off),
        ("postgres:///d?host=/run", .off), ("postgres://h/d?sslmode=disable", .off),
        ("postgres://localhost/d?sslmode=require", .none), ("postgres://h/d?sslmode=verify-ca", .authority),
        ("postgres://127.0.0.1/d?sslmode=verify-full", .full),
    ])
    func `a server elsewhere is verified in full unless the URL says otherwise`(
        _ text: String, _ expected: Settings.Target.TLS.Verification
    ) throws {
        #expect(try PostgresURL(text).tls.verification == expected)
    }
}
