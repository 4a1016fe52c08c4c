import Protocols
import Testing
import WireTestKit

@testable import Gateway

@Suite struct PostgresRedactionTests {
    private static let statement = "ALTER ROLE bob PASSWORD 'geheim' NOLOGIN"

    @Test(arguments: Chunking.all)
    func `a statement goes on as it came, and is recorded with filler and a note`(_ chunking: Chunking) {
        for sent in [Said.query(Self.statement), Said.parse(Self.statement)] {
            var session = PostgresRecorded(chunking)
            session.client(sent)
            let text = session.text(.clientToServer)
            #expect(session.forwarded[.clientToServer] == sent)
            #expect(text.contains("ALTER ROLE bob PASSWORD '******' NOLOGIN"))
            #expect(session.recorded[.clientToServer]?.count == sent.count)
            let note = session.notes.first
            #expect(session.notes.count == 1)
            #expect(note?.kind == .redaction)
            #expect(note?.range.count == 6)
            let start = Int(note?.range.lowerBound ?? 0)
            #expect(Array(sent[start..<(start + 6)]) == Array("geheim".utf8))
        }
    }

    @Test func `statements around a secret cross as runs`() {
        var session = PostgresRecorded()
        let plain = Said.query("SELECT 1")
        session.client(plain + plain + Said.query(Self.statement) + plain)
        #expect(session.text(.clientToServer).contains("SELECT 1"))
        #expect(!session.text(.clientToServer).contains("geheim"))
        #expect(session.forwarded[.clientToServer] == plain + plain + Said.query(Self.statement) + plain)
    }

    @Test(arguments: Chunking.all)
    func `an error that quotes the secret is recorded without it, in every text`(_ chunking: Chunking) {
        var session = PostgresRecorded(chunking)
        session.client(Said.query("ALTER ROLE bob PASSWORT 'x'; ALTER ROLE bob PASSWORD 'it''s geheim'"))
        let error = Said.error([
            ("S", "ERROR"), ("V", "ERROR"), ("C", "42601"), ("M", "syntax error at or near \"'it''s geheim'\""),
            ("D", "it's geheim is not allowed"), ("H", "try another than (it's geheim)"), ("P", "12"),
            ("q", "ALTER ROLE bob PASSWORD 'it''s geheim'"), ("W", "SQL statement \"it''s geheim\""), ("F", "scan.l"),
        ])
        session.server(error)
        #expect(session.forwarded[.serverToClient] == error)
        #expect(!session.text(.serverToClient).contains("geheim"))
        #expect(session.text(.serverToClient).contains("syntax error at or near \"'************'\""))
        #expect(session.text(.serverToClient).contains("42601"))
        #expect(session.recorded[.serverToClient]?.count == error.count)
    }

    @Test(arguments: [false, true])
    func `a server that logs to its client shows statements of its own, and they are read, too`(isNotice: Bool) {
        var session = PostgresRecorded()
        session.server(
            Said.error(
                [
                    ("S", "LOG"), ("M", "statement: ALTER ROLE bob PASSWORD 'geheim'"),
                    ("W", "SQL statement \"ALTER ROLE \"bob\" PASSWORD 'geheim'\"\nPL/pgSQL function f() line 1"),
                ], notice: isNotice))
        #expect(!session.text(.serverToClient).contains("geheim"))
        #expect(session.text(.serverToClient).contains("PL/pgSQL function f() line 1"))
    }

    @Test func `once everything is answered, a word that was a secret is a word again`() {
        var session = PostgresRecorded()
        let error = Said.error([("S", "ERROR"), ("M", "relation geheim does not exist")])
        session.client(Said.query(Self.statement) + Said.query("SELECT 1"))
        session.server(error + Said.ready)
        #expect(!session.text(.serverToClient).contains("geheim"))
        session.server(Said.ready)
        session.client(Said.query("SELECT 1"))
        session.server(error)
        #expect(session.text(.serverToClient).contains("geheim"))
    }

    @Test func `a short secret counts where it stands by itself`() {
        var session = PostgresRecorded()
        session.client(Said.query("ALTER ROLE bob PASSWORD 'e'"))
        session.server(Said.error([("M", "syntax error at or near \"'e'\", else")]))
        #expect(session.text(.serverToClient).contains("syntax error at or near \"'*'\", else"))
    }

    @Test func `of more secrets than are kept, no word of an error is recorded`() {
        var session = PostgresRecorded()
        for number in 0..<100 { session.client(Said.parse("ALTER ROLE bob PASSWORD 'geheim \(number)'")) }
        session.server(Said.error([("S", "ERROR"), ("C", "42601"), ("M", "geheim 99")]))
        #expect(!session.text(.serverToClient).contains("geheim"))
        #expect(session.text(.serverToClient).contains("42601"))
    }

    @Test func `a backslash means what the server said that it means`() {
        let sent = Said.query(#"ALTER ROLE bob PASSWORD 'a\'geheim'"#)
        var session = PostgresRecorded()
        session.server(PostgresEncoding.parameterStatus("standard_conforming_strings", Array("off".utf8)))
        session.client(sent)
        #expect(session.text(.clientToServer).contains("PASSWORD '*********'"))
        session.server(PostgresEncoding.parameterStatus("standard_conforming_strings", Array("on".utf8)))
        session.client(Said.query(#"ALTER ROLE bob PASSWORD 'a\' NOLOGIN"#))
        #expect(session.text(.clientToServer).contains("PASSWORD '**' NOLOGIN"))
    }
}

/// Statements beyond the limit up to which they are held whole.
@Suite struct PostgresLongStatementTests {
    private static let limits = {
        var limits = WireLimits()
        limits.statementBytes = 300
        limits.wholeBytes = 300
        return limits
    }()
    private static let padding = String(repeating: "SELECT 'some data';\n", count: 40)

    @Test(
        arguments: [
            "ALTER ROLE bob PASSWORD 'geheim'", "ALTER ROLE bob PASSWORD\n\n   E'geheim'", "password=geheim",
            "OPTIONS (\"password\" 'geheim')", "password to 'geheim'", "crypt('geheim', x)",
            "pgp_sym_encrypt (x, 'geheim')",
            "'postgresql://bob:geheim@h/d'", "ssl_passphrase_command = 'geheim'", "PASSWORD /* x */ 'geheim'",
            "PASSWORD" + String(repeating: " ", count: 1000) + "'geheim'",
        ], Chunking.all)
    func `from the first sign of a secret on, all of it is filler`(_ form: String, _ chunking: Chunking) {
        for before in [0, 1, 7, 295, 301] {
            let sql = String(repeating: " ", count: before) + Self.padding + form + Self.padding
            var session = PostgresRecorded(chunking, limits: Self.limits)
            session.client(Said.query(sql))
            let text = session.text(.clientToServer)
            #expect(session.forwarded[.clientToServer] == Said.query(sql))
            #expect(!text.contains("geheim"))
            #expect(text.contains(Self.padding))
            #expect(session.recorded[.clientToServer]?.count == sql.utf8.count + 6)
            var whole = PostgresRecorded(.whole, limits: Self.limits)
            whole.client(Said.query(sql))
            #expect(text == whole.text(.clientToServer))
        }
    }

    @Test(arguments: Chunking.all)
    func `a long statement without a sign is recorded as it is, and so is the next one`(_ chunking: Chunking) {
        let sql = "password reset, passwords; encrypted data by hmac. " + Self.padding + "https://h/p?x=y@z"
        var session = PostgresRecorded(chunking, limits: Self.limits)
        session.client(Said.query(sql) + Said.query(Self.padding))
        #expect(session.recorded[.clientToServer] == Said.query(sql) + Said.query(Self.padding))
        #expect(session.notes == [])
    }

    @Test(arguments: Chunking.all)
    func `what the server says of it is recorded without words`(_ chunking: Chunking) {
        var session = PostgresRecorded(chunking, limits: Self.limits)
        session.client(Said.query(Self.padding + "ALTER ROLE bob PASSWORD 'geheim'"))
        let short = Said.error([("S", "ERROR"), ("C", "42601"), ("M", "geheim")])
        let long = Said.error([("S", "ERROR"), ("C", "42601"), ("M", Self.padding + "geheim")])
        session.server(short + long)
        #expect(session.forwarded[.serverToClient] == short + long)
        #expect(!session.text(.serverToClient).contains("geheim"))
        session.server(Said.ready)
        session.client(Said.query("SELECT 1"))
        session.server(long)
        #expect(session.text(.serverToClient).contains("geheim"))
    }
}

/// Credentials of the client's that nobody asked for.
@Suite struct PostgresUnaskedPasswordTests {
    @Test(arguments: Chunking.all)
    func `a password within a session ends it, and is recorded nowhere`(_ chunking: Chunking) {
        var session = PostgresRecorded(chunking)
        session.client(Said.query("SELECT 1") + PostgresEncoding.password(Array("geheim".utf8)))
        #expect(session.ending != nil)
        #expect(session.forwarded[.clientToServer] == Said.query("SELECT 1"))
        #expect(!String(decoding: session.recording, as: UTF8.self).contains("geheim"))
        #expect(session.text(.serverToClient).contains("08P01"))
    }

    @Test(arguments: Chunking.all)
    func `a password sent ahead of the login waits, and then ends the session`(_ chunking: Chunking) {
        for message in [
            PostgresEncoding.password(Array("geheim".utf8)), PostgresEncoding.saslResponse(Array("p=geheim".utf8)),
            PostgresEncoding.saslInitialResponse(mechanism: "SCRAM-SHA-256", data: Array("r=geheim".utf8)),
        ] {
            var session = PostgresRecorded(chunking, ahead: message)
            #expect(session.ending != nil)
            session.client(message)
            #expect(!String(decoding: session.recording, as: UTF8.self).contains("geheim"))
            #expect(session.forwarded[.clientToServer] == nil)
        }
    }
}
