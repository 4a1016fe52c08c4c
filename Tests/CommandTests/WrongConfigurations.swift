import Testing

/// A configuration with one thing wrong, and what must be said of it.
struct WrongConfiguration: Sendable, CustomTestStringConvertible {
    let text: String
    /// LINE:COLUMN
    let position: String
    let cause: String
    let remedy: String
    /// Shell commands that run before, in the folder of the file.
    var before = ""

    var testDescription: String { "\(position): \(cause)" }

    static let valid = """
        version: 1
        listeners:
          - address: 127.0.0.1:6432
        targets:
          - name: orders
            url: postgres://db.internal/orders

        """
    static let verifier =
        "SCRAM-SHA-256$4096:BPbJwHGFbzPLb1sNtIdpyA==$EUO6WpFlc4EmV1pMy3l0C9Ya5uyqN9BDEYNIY2dXvBI=:"
        + "zC4wcGf0IJFtlKzIfP+PQlhCPgP8FtFWOG32VMrmfP8="

    /// The valid one, with a part of it written otherwise.
    static func with(
        _ part: String, as other: String, _ position: String, _ cause: String, _ remedy: String, before: String = ""
    ) -> WrongConfiguration {
        WrongConfiguration(
            text: valid.replacing(part, with: other), position: position, cause: cause, remedy: remedy, before: before)
    }

    /// The valid one with lines more: they begin with line 7.
    static func adding(
        _ lines: String, _ position: String, _ cause: String, _ remedy: String, before: String = ""
    ) -> WrongConfiguration {
        WrongConfiguration(
            text: valid + lines + "\n", position: position, cause: cause, remedy: remedy, before: before)
    }

    static let all = [form, values, listeners, targets, http, identities, rules, files, contradictions].flatMap { $0 }

    static let contradictions = [
        adding(
            "identities:\n  certificates: [{pattern: \"{user}\"}]", "8:3", "and no listener asks for any",
            "add tls: clientCA:"),
        adding(
            "state: /a\nrecording: {folder: /a/b}", "8:12", "lie in each other's folder", "beside each other"),
        adding(
            "state: /a/b\nrecording: {folder: /a}", "8:12", "lie in each other's folder", "beside each other"),
        adding(
            "control: {socket: /\(String(repeating: "x", count: 107))}", "7:19", "has 108 bytes", "shorter name"),
        with(
            "postgres://db.internal", as: "postgres://localhost:6432", "6:10", "one of this gateway's own listeners",
            "the server itself"),
        WrongConfiguration(
            text: valid.replacing("127.0.0.1:6432", with: "\"[::]:6432\"\n    logins: [scram]")
                .replacing("db.internal", with: "[::1]:6432"),
            position: "7:10", cause: "one of this gateway's own listeners", remedy: "the server itself"),
        adding(
            "rules:\n  default: allow\n  named: [{name: a, verdict: deny}, {name: b, verdict: allow}]", "9:44",
            "never asked, since “a” before it always decides", "before that one"),
    ]

    static let form = [
        WrongConfiguration(text: "", position: "1:1", cause: "the file is empty", remedy: "version: 1"),
        WrongConfiguration(text: "version\n", position: "1:1", cause: "the file is a section", remedy: "KEY: VALUE"),
        adding("\tlog:", "7:1", "this is no YAML: found a tab", "never with tabs"),
        adding("log: [text", "8:1", "this is no YAML", "indentation and the quotes"),
        with(": orders\n", as: ": orders: x\n", "5:17", "this is no YAML: mapping values", "stands in quotes"),
        adding("log: \"\\q\"", "7:7", "this is no YAML: found unknown escape", "quotes"),
        adding("log: &a {}", "7:6", "anchors (&name) are not accepted", "in quotes"),
        adding("log: *a", "7:6", "aliases (*name) are not accepted", "write the value out"),
        adding("log: !!map {}", "7:6", "tags (!name) are not accepted", "leave it out"),
        adding("log:\n  <<: {level: info}", "8:3", "merge keys (<<) are not accepted", "write the keys out"),
        adding("version: 1", "7:1", "the key “version” stands here for a second time", "the first is at 1:1"),
        adding("? [a]\n: b", "7:3", "a key is a word", "KEY: VALUE"),
        adding("---\nversion: 1", "7:1", "a second document begins here", "remove the line “---”"),
        adding("log: [[[[[[[[[[[[[[[]]]]]]]]]]]]]]]", "7:17", "more than 12 deep", "bracket"),
    ]

    static let values = [
        with(": orders\n", as: ": ~\n", "5:11", "“name” is a name, not nothing", "for example: orders"),
        with(": orders\n", as: ": \"\"\n", "5:11", "“name” is a name, not nothing", "for example: orders"),
        with(": orders\n", as: ": \"a\\u202eb\"\n", "5:11", "the name holds invisible characters", "remove them"),
        adding("state: null", "7:8", "“state” is a path, not nothing", "for example: /"),
        with("version: 1\n", as: "", "1:1", "“version” is missing", "version: 1"),
        with("version: 1", as: "version: 2", "1:10", "version 2 is not known", "version: 1"),
        with("version: 1", as: "version: \"1\"", "1:10", "“1” is not a whole number", "for example: 1"),
        with("listeners:", as: "lisenters:", "2:1", "unknown key “lisenters”", "did you mean “listeners”?"),
        with("listeners:", as: "lisenters:", "1:1", "there are no listeners", "- address: 127.0.0.1:6432"),
        adding("frobnicate: true", "7:1", "unknown key “frobnicate”", "known here: version, state"),
        adding("log: json", "7:6", "“log” is a section with keys of its own, not a single value", "below it"),
        adding("log:\n  level: [info]", "8:10", "“level” is one of debug, info, warning, error, not a list", "debug"),
        adding("log:\n  level: wraning", "8:10", "“wraning” is none of the words", "did you mean “warning”?"),
        adding("limits:\n  drain: 10", "8:10", "“10” has no unit", "units are ms, s, m, h, d"),
        adding("limits:\n  drain: 10 parsecs", "8:10", "“10 parsecs” has no unit", "units are ms, s, m, h, d"),
        adding("limits:\n  drain: 2d", "8:10", "“2d” is out of range", "between"),
        adding("limits:\n  message: 1MB", "8:12", "“1MB” has no unit", "units are KiB, MiB"),
        adding("limits:\n  message: 99999999999999TiB", "8:12", "out of range", "1GiB"),
        adding("limits:\n  message: 1MiB\n  statement: 2MiB", "9:14", "longer than a message", "raise “message”"),
        adding("limits:\n  connections: 0", "8:16", "0 is out of range", "between 1 and"),
        adding("limits:\n  connections:", "8:15", "“connections” is a whole number, not nothing", "10000"),
        adding("recording:\n  folder: ~/recordings", "8:11", "“~” means nothing here", "write the folder out"),
        adding("recording:\n  durability: stict", "8:15", "none of the words", "did you mean “strict”?"),
        adding("metrics:\n  adress: 127.0.0.1:9464", "8:3", "unknown key “adress”", "did you mean “address”?"),
        adding("metrics: {}", "7:10", "“address” is missing", "add it: address:"),
        adding("metrics:\n  address: 127.0.0.1:6432", "8:3", "listened for at 127.0.0.1:6432 already", "another port"),
    ]

    static let listeners = [
        with("127.0.0.1:6432", as: "6432", "3:14", "has no port after its last colon", "127.0.0.1:6432"),
        with("127.0.0.1:6432", as: "db:6432", "3:14", "“db” is no address of this machine in numbers", "0.0.0.0"),
        with("127.0.0.1:6432", as: "::1:6432", "3:14", "an IPv6 address stands in brackets", "[::1]:6432"),
        with("127.0.0.1:6432", as: "/tmp/socket", "3:14", "clients do not find", ".s.PGSQL.6432"),
        with("127.0.0.1:6432", as: "0.0.0.0:6432", "3:14", "nobody could log in at 0.0.0.0:6432", "add users"),
        with(
            ":6432\n", as: ":6432\n    protocol: mysql\n", "4:15", "“mysql” is no protocol", "there are: postgres, http"
        ),
        with(":6432\n", as: ":6432\n    targets: [odrers]\n", "4:15", "no target “odrers”", "did you mean “orders”?"),
        with(":6432\n", as: ":6432\n    targets: orders\n", "4:14", "“targets” is a list", "write it as [orders]"),
        with(
            ":6432\n", as: ":6432\n    channelBinding: required\n", "4:21", "bound to the certificate of TLS",
            "add “tls:”"),
        with(
            ":6432\n", as: ":6432\n    channelBinding: required\n    tls: {}\n    logins: [scram, token]\n", "4:21",
            "tokens cannot be bound", "logins: [scram, certificate]"),
        with(
            ":6432\n", as: ":6432\n    channelBinding: required\n    tls: {certificate: c, key: k}\n", "4:21",
            "no password can be bound to the certificate of CN=gw", "signs with ECDSA or RSA",
            before: "openssl req -x509 -newkey ed25519 -nodes -subj /CN=gw -keyout k -out c 2>/dev/null"),
        with(":6432\n", as: ":6432\n    logins: [jwt]\n", "4:13", "nobody can log in by jwt", "an issuer"),
        with(
            ":6432\n", as: ":6432\n  - address: localhost:6432\n", "4:14",
            "another listener has this address, too", "another port"),
        with(
            "127.0.0.1:6432\n", as: "10.0.0.1:6432\n    logins: [local]\n", "4:13", "local logins are for loopback",
            "127.0.0.1"),
        WrongConfiguration(
            text: valid.replacing("127.0.0.1", with: "10.0.0.1")
                + "identities:\n  tokens:\n    - {name: ci, sha256: \(String(repeating: "ab", count: 32))}\n",
            position: "3:14", cause: "token logins would cross the network in the clear", remedy: "logins: [scram]",
            before: "chmod 600 wiretrail.yaml"),
        with(
            ":6432\n", as: ":6432\n    tls: {certificate: c.pem}\n", "4:24", "“certificate” stands without “key”",
            "add the key", before: "touch c.pem"),
        with(":6432\n", as: ":6432\n    tls: {crl: c.pem}\n", "4:16", "“crl” needs “clientCA”", "add “clientCA”"),
        with(
            ":6432\n", as: ":6432\n    tls: {clientCertificates: required}\n", "4:31",
            "“clientCertificates” needs “clientCA”", "add “clientCA”"),
    ]

    static let targets = [
        with("postgres://db.internal/orders", as: "postgres://h/d?sslmode=disable", "6:10", "sslmode", "verification"),
        with(
            "\n  - name: orders\n    url: postgres://db.internal/orders", as: " []", "4:10", "no targets",
            "name: orders"),
        adding("    allowed: {}", "7:14", "“allowed” names nobody", "add users"),
        with("    url: postgres://db.internal/orders\n", as: "", "5:5", "“url” is missing", "add it: url: postgres://"),
        with("postgres://db", as: "mysql://db", "6:10", "mysql:// is not a protocol", "PostgreSQL can"),
        with("postgres://db", as: "postgres://a:pw@db", "6:10", "the URL holds a password", "passwordFile"),
        adding("  - {name: orders, url: \"postgres://b/\"}", "7:12", "two of “targets” have the name", "at 5:11"),
        adding("    tls: {verification: ful}", "7:25", "“ful” is none of the words", "did you mean “full”?"),
        adding(
            "    tls: {verification: none, roots: r}", "7:38", "no authority is asked for", "full", before: "touch r"),
        adding("    credential: {user: a, password: b}", "7:27", "unknown key “password”", "“passwordFile”"),
        adding("    credential: {passwordEnvironment: HOME}", "7:17", "“user” is missing", "whose password"),
        adding("    credential: hunter2", "7:17", "“credential” is a section", "KEY: VALUE"),
        adding("    allowed: {users: alice}", "7:22", "“users” is a list", "write it as [alice]"),
    ]

    static let identities = [
        adding("identities:\n  users:\n    - name: alice", "9:7", "“verifier” is missing", "wiretrail hash-password"),
        adding(
            "identities:\n  users:\n    - name: alice\n      verifier: hunter2", "10:17", "no SCRAM-SHA-256 verifier",
            "wiretrail hash-password"),
        adding("identities:\n  users:\n    - nmae: alice", "9:7", "unknown key “nmae”", "did you mean “name”?"),
        adding(
            "identities:\n  users:\n    - name: alice\n    - name: alice", "10:13", "two of “users” have the name",
            "at 9:13"),
        adding(
            "identities:\n  tokens:\n    - {name: ci, sha256: hunter2}", "9:26", "not the 64 hexadecimal digits",
            "sha256sum"),
        adding(
            "identities:\n  tokens:\n    - {name: ci, sha256: \(String(repeating: "ab", count: 32)), expires: soon}",
            "9:101", "“soon” is not a moment in UTC", "2027-01-31", before: "chmod 600 wiretrail.yaml"),
        adding(
            "identities:\n  jwt:\n    - {issuer: i, audience: a, keys: \"http://k/\"}", "9:38", "could be anybody's",
            "https://"),
        adding(
            "identities:\n  jwt:\n    - {issuer: i, keys: \"https://k/\"}", "9:7", "“audience” is missing", "wiretrail"),
        adding(
            "identities:\n  certificates:\n    - {pattern: \"*@example.com\"}", "9:17",
            "does not say once where the user's name", "{user} in its place"),
    ]

    static let rules = [
        adding(rule("targets: [\"x*\"]"), "10:42", "“x*” fits no name", "there are: orders"),
        adding(rule("statements: {kinds: [dorp]}"), "10:53", "“dorp” is no kind of statement", "did you mean “drop”?"),
        adding(rule("statements: {tables: [Customers]}"), "10:54", "keeps names in lower case", "customers, or quote"),
        adding(rule("statements: {tables: [a.'\"b']}"), "10:54", "is no name", "quotes stand around"),
        adding(rule("statements: {columns: [customers.card]}"), "10:55", "more than a column's name", "in “tables”"),
        adding(
            rule("statements: {settings: [role], tables: [t]}"), "10:55", "is about nothing else", "leave “tables” out"),
        adding(
            rule("statements: {kinds: [drop], withoutPredicate: true}"), "10:78", "can lack a WHERE", "add update"),
        adding(rule("statements: {}"), "10:44", "“statements” says nothing", "add kinds"),
        adding(rule("targets: []"), "10:41", "“targets” is an empty list", "leave it out, or name some: [orders]"),
        adding(rule("who: {groups: [admins]}"), "10:47", "there is no group “admins”", "the file defines none"),
        adding(
            rule("verdict2: x"), "10:32", "unknown key “verdict2”", "did you mean “verdict”?"),
        adding("rules:\n  named: []", "8:3", "“default” is missing", "add it: default: allow"),
        adding("rules:\n  default: ask", "8:12", "“ask” is none of the words", "it is one of: allow, deny"),
        adding("rules:\n  default: dney", "8:12", "“dney” is none of the words", "did you mean “deny”?"),
        adding(rule("targets: [order]"), "10:42", "there is no target “order”", "did you mean “orders”?"),
        adding(rule("hours: {from: \"9:00\"}"), "10:46", "“9:00” is not a time of day", "18:00"),
        adding(rule("hours: {from: \"09:00\", to: \"09:00\"}"), "10:59", "“from” and “to” are the same", "whole days"),
        adding(rule("hours: {days: [monday]}"), "10:47", "“monday” is none of the words", "mon, tue, wed"),
        adding(rule("reason: \"a\\eb\""), "10:40", "the text holds invisible characters", "remove them"),
        adding(rule("timeout: 5m"), "10:41", "only a rule that asks waits", "verdict: ask"),
        adding(rule("statements: {tables: [a.b.c]}"), "10:54", "more than two parts", "SCHEMA.NAME"),
        adding(rule("statements: {withoutPredicate: yes}"), "10:63", "“yes” is not true or false", "true"),
        adding(rule("who: {}"), "10:37", "“who” names nobody", "add users"),
        adding(rule("requests: {}"), "10:42", "“requests” says nothing", "add methods"),
        adding(rule("requests: {methods: [post]}"), "10:53", "have capitals", "write POST"),
        adding(rule("requests: {paths: [admin]}"), "10:51", "does not begin with “/”", "write /admin"),
        adding(rule("requests: {paths: [\"/a?b\"]}"), "10:51", "“?” ends the path", "leave “?”"),
        adding(rule("requests: {paths: [/a/../b]}"), "10:51", "is not how a path is compared", "without %-escapes"),
        adding(rule("requests: {paths: [/a%20b]}"), "10:51", "is not how a path is compared", "without %-escapes"),
        adding(rule("requests: {tools: []}"), "10:50", "“tools” is an empty list", "delete_*"),
        adding(rule("requests: {arguments: [a]}"), "10:54", "a section with names as its keys", "NAME: [\"/etc/*\"]"),
        adding(
            rule("requests: {tools: [t], rpc: [\"prompts/*\"]}"), "10:60", "“tools” is about tools/call", "alone"),
        adding(rule("requests: {tools: [t], methods: [GET]}"), "10:64", "tools are called by POST", "POST alone"),
        adding(
            rule("statements: {kinds: [drop]}, requests: {rpc: [ping]}"), "10:71", "nothing is both", "two rules"),
    ]

    private static func rule(_ part: String) -> String {
        "rules:\n  default: allow\n  named:\n    - {name: r, verdict: deny, \(part)}"
    }

    /// A certificate, c.pem, and its key, k.pem.
    private static let certificate =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout k.pem -out c.pem"
        + " 2>/dev/null"

    static let files = [
        with(
            ":6432\n", as: ":6432\n    tls: {certificate: c.pem, key: k.pem}\n", "4:24",
            "the private key does not belong to the certificate", "openssl x509",
            before: "\(certificate); \(certificate.replacing("c.pem", with: "other.pem"))"),
        with(
            ":6432\n", as: ":6432\n    tls: {certificate: c.pem, key: k.pem}\n", "4:24",
            "“tls”: there is no certificate chain", "openssl x509", before: "\(certificate); echo x > c.pem"),
        with(
            ":6432\n", as: ":6432\n    tls: {certificate: c.pem, key: k.pem}\n", "4:36", "others may open ./k.pem",
            "chmod 600", before: "\(certificate); chmod 644 k.pem"),
        adding(
            "    tls: {certificate: c.pem, key: k.pem}", "7:24", "the private key cannot be read as PEM", "openssl",
            before: "\(certificate); cp c.pem k.pem"),
        adding(
            "    tls: {roots: c.pem}", "7:10", "“tls”: there is no trusted roots", "openssl",
            before: "echo x > c.pem"),
        adding(
            "identities:\n  jwt:\n    - {issuer: i, audience: a, keys: k.json}", "9:38", "the key set has no array",
            "JWKS", before: "echo '{}' > k.json"),
        adding("    credential: {user: a, passwordFile: none}", "7:41", "none: No such file", "check the path"),
        adding(
            "    credential: {user: a, passwordFile: pw}", "7:41", "others may open ./pw (mode 644)", "chmod 600",
            before: "echo x > pw; chmod 644 pw"),
        adding(
            "    credential: {user: a, passwordFile: pw}", "7:41", "is no plain file", "name a file", before: "mkdir pw"
        ),
        adding(
            "    credential: {user: a, passwordEnvironment: WIRETRAIL_NONE}", "7:48",
            "the environment variable WIRETRAIL_NONE is not set", "set it"),
        adding("log: {}", "1:1", "everybody may write to", "chmod o-w", before: "chmod 666 wiretrail.yaml"),
        adding(
            "identities:\n  users:\n    - name: alice\n      verifier: \"\(verifier)\"", "1:1", "everybody may read",
            "chmod o-r", before: "chmod 644 wiretrail.yaml"),
    ]
}
