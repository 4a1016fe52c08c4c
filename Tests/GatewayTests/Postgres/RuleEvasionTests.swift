import Gateway
import Protocols
import Testing
import WireTestKit

/// Ways to touch the table `secret` behind the rules' back. Each is tried against a real server, and none works.
@Suite(.serialized) struct RuleEvasionTests {
    private static let rig = Task {
        var noSecret = Rule("no-secret", .deny)
        noSecret.tables = ["secret"]
        var noColumn = Rule("no-column", .deny)
        noColumn.tables = ["people"]
        noColumn.columns = ["ssn"]
        var noSleep = Rule("no-sleep", .deny)
        noSleep.functions = ["pg_sleep", "own"]
        var noSweep = Rule("no-sweep", .deny)
        noSweep.statements = [.delete, .update]
        noSweep.withoutWhere = true
        var noRole = Rule("no-role", .deny)
        noRole.settings = ["role", "session_authorization"]
        let rig = try await JudgedGateway(RuleSet([noSecret, noColumn, noSleep, noSweep, noRole]))
        try await rig.server.psql(
            """
            CREATE TABLE people (id int, name text, ssn text); INSERT INTO people VALUES (1, 'ann', '123-45');
            CREATE TYPE pair AS (a int, b int);
            CREATE FUNCTION own(people) RETURNS text LANGUAGE sql AS 'SELECT $1.ssn';
            CREATE SCHEMA s; CREATE TABLE s.secret (x int);
            """)
        return rig
    }

    /// What an attempt is, and its SQL.
    struct Attempt: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sql: String

        init(_ description: String, _ sql: String) {
            testDescription = description
            self.sql = sql
        }
    }

    private static let attempts = [
        Attempt("comments between the words", "SELECT/**/*/* FROM t */FROM/**/secret"),
        Attempt("a nested comment", "SELECT * FROM /* /* */ t -- */ secret"),
        Attempt("a line comment that hides nothing", "SELECT * FROM t, -- '\nsecret"),
        Attempt("other letters", "sElEcT * FrOm SeCrEt"),
        Attempt("a quoted name", #"SELECT * FROM "secret""#),
        Attempt("a Unicode name", #"SELECT * FROM U&"\0073ecret""#),
        Attempt("a Unicode name with an escape of its own", #"SELECT * FROM U&"!0073ecret" UESCAPE '!'"#),
        Attempt("a schema in front", "SELECT * FROM public.secret"),
        Attempt("a database in front", "SELECT * FROM postgres.public.secret"),
        Attempt("TABLE", "TABLE secret"),
        Attempt("ONLY", "SELECT * FROM ONLY (secret)"),
        Attempt("an alias", "SELECT s.x FROM secret AS s"),
        Attempt("a subquery", "SELECT (SELECT max(x) FROM secret)"),
        Attempt("EXISTS", "SELECT 1 WHERE EXISTS (SELECT FROM secret WHERE x = 42)"),
        Attempt("ARRAY of a subquery", "SELECT ARRAY(TABLE secret)"),
        Attempt("a union", "SELECT x FROM t UNION ALL SELECT x FROM secret"),
        Attempt("a join without the word", "SELECT secret.x FROM t, secret"),
        Attempt("LATERAL", "SELECT * FROM t, LATERAL (SELECT x FROM secret) q"),
        Attempt("a sort key", "SELECT 1 FROM t ORDER BY (SELECT x FROM secret)"),
        Attempt("a limit", "SELECT 1 FROM t LIMIT (SELECT x FROM secret)"),
        Attempt("a query of a WITH", "WITH q AS (SELECT * FROM secret) SELECT * FROM q"),
        Attempt("a WITH of the same name", "WITH secret AS (SELECT * FROM secret) SELECT * FROM secret"),
        Attempt("a WITH in another place", "SELECT * FROM (WITH secret AS (SELECT 1) TABLE secret) q, secret"),
        Attempt("a WITH that changes data", "WITH d AS (DELETE FROM secret RETURNING *) SELECT * FROM d"),
        Attempt("a WITH below an INSERT", "WITH q AS (TABLE secret) INSERT INTO t SELECT x FROM q"),
        Attempt("INSERT … SELECT", "INSERT INTO t SELECT * FROM secret"),
        Attempt("UPDATE … FROM", "UPDATE t SET x = secret.x FROM secret WHERE true"),
        Attempt("DELETE … USING", "DELETE FROM t USING secret WHERE t.x = secret.x"),
        Attempt("MERGE", "MERGE INTO t USING secret ON t.x = secret.x WHEN MATCHED THEN DELETE"),
        Attempt("ON CONFLICT", "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING RETURNING (SELECT x FROM secret)"),
        Attempt("a second statement", "SELECT 1; TABLE secret"),
        Attempt("a second statement behind a quote", "SELECT ';'; TABLE secret"),
        Attempt("a statement behind an escaped quote", #"SELECT E'\''; TABLE secret; --'"#),
        Attempt("a statement behind a dollar quote", "SELECT $a$ $b$ $a$; TABLE secret; SELECT $b$ $b$"),
        Attempt("EXPLAIN ANALYZE", "EXPLAIN ANALYZE DELETE FROM secret"),
        Attempt("PREPARE", "PREPARE p AS TABLE secret"),
        Attempt("EXECUTE", "EXECUTE p"),
        Attempt("a cursor", "BEGIN; DECLARE c CURSOR FOR TABLE secret; FETCH c"),
        Attempt("CREATE TABLE AS", "CREATE TABLE copied AS TABLE secret"),
        Attempt("SELECT INTO", "SELECT * INTO copied FROM secret"),
        Attempt("a view of it", "CREATE VIEW v AS TABLE secret"),
        Attempt("a materialized view of it", "CREATE MATERIALIZED VIEW v AS TABLE secret"),
        Attempt("a rule that reads it", "CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM secret"),
        Attempt(
            "a trigger on it",
            "CREATE TRIGGER g AFTER INSERT ON secret EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
        Attempt("a function that reads it", "CREATE FUNCTION f() RETURNS SETOF int LANGUAGE sql AS 'TABLE secret'"),
        Attempt(
            "a function with a parsed body", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT x FROM secret; END"),
        Attempt("DO", "DO $$BEGIN DELETE FROM secret; END$$"),
        Attempt("COPY out", "COPY secret TO STDOUT"),
        Attempt("COPY of a query", "COPY (TABLE secret) TO STDOUT"),
        Attempt("COPY to a program", "COPY t TO PROGRAM 'cat'"),
        Attempt("COPY to a file", "COPY t TO '/tmp/secret'"),
        Attempt("another name for it", "ALTER TABLE secret RENAME TO harmless"),
        Attempt("another schema for it", "ALTER TABLE secret SET SCHEMA s"),
        Attempt("a partition of it", "CREATE TABLE c () INHERITS (secret)"),
        Attempt("inheriting it", "ALTER TABLE secret INHERIT t"),
        Attempt("a copy of its form", "CREATE TABLE c (LIKE secret)"),
        Attempt("a lock on it", "LOCK TABLE secret"),
        Attempt("TRUNCATE", "TRUNCATE t, secret"),
        Attempt("DROP", "DROP TABLE IF EXISTS t2, secret"),
        Attempt("dropping its schema", "DROP SCHEMA public CASCADE"),
        Attempt("dropping what one owns", "DROP OWNED BY postgres"),
        Attempt("rights on it", "GRANT SELECT ON secret TO public"),
        Attempt("rights on everything", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO public"),
        Attempt("SQL in a text for XML", "SELECT query_to_xml('TABLE secret', true, false, '')"),
        Attempt("a table's name in a text for XML", "SELECT table_to_xml('secret', true, false, '')"),
        Attempt("a schema's name in a text for XML", "SELECT schema_to_xml('public', true, false, '')"),
        Attempt("a function whose text is SQL", "SELECT * FROM ts_stat('SELECT to_tsvector(x::text) FROM secret')"),
        Attempt("a file of the server", "SELECT pg_read_file('postgresql.conf')"),
        Attempt("what the grammar does not know", "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (x int)), secret"),
        Attempt("a broken statement", "SELECT * FRM secret"),
        // The column ssn of people.
        Attempt("a column's quoted name", #"SELECT "ssn" FROM people"#),
        Attempt("every column", "SELECT * FROM people"),
        Attempt("a whole row", "SELECT people FROM people"),
        Attempt("a whole row by an alias", "SELECT q::text FROM people q"),
        Attempt("a row as JSON", "SELECT to_json(q) FROM people q"),
        Attempt("renamed columns", "SELECT c FROM people AS q (a, b, c)"),
        Attempt("renamed columns of a join", "SELECT c FROM (people JOIN t ON true) AS q (a, b, c, d)"),
        Attempt("a natural join", "SELECT 1 FROM people NATURAL JOIN (SELECT '123-45' AS ssn) q"),
        Attempt("a join by the column", "SELECT 1 FROM people JOIN (SELECT '123-45' AS ssn) q USING (ssn)"),
        Attempt("a condition on the column", "SELECT 1 FROM people WHERE ssn LIKE '1%'"),
        Attempt("the column as an attribute", "SELECT (q).ssn FROM (SELECT p FROM people p) AS x (q)"),
        Attempt("what a change returns", "UPDATE people SET id = id WHERE true RETURNING *"),
        Attempt("an order by the column", "SELECT id FROM people ORDER BY people.ssn"),
        // The functions pg_sleep and own.
        Attempt("a function's schema", "SELECT pg_catalog.pg_sleep(0)"),
        Attempt("a function's quoted name", #"SELECT "pg_sleep"(0)"#),
        Attempt("a function as a table", "SELECT * FROM pg_sleep(0)"),
        Attempt("a function as an attribute", "SELECT p.own FROM people p"),
        Attempt("a function in a condition", "SELECT 1 FROM t WHERE pg_sleep(0) IS NULL"),
        Attempt("a function as a column's default", "ALTER TABLE t ADD y text DEFAULT pg_sleep(0)::text"),
        // Changes of every row.
        Attempt("a change of every row in a WITH", "WITH d AS (DELETE FROM t) SELECT 1"),
        Attempt("a change of every row that is explained", "EXPLAIN ANALYZE UPDATE t SET x = 1"),
        Attempt("a change of every row that is prepared", "PREPARE q AS DELETE FROM t"),
        Attempt("a change of every row in a rule", "CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM t"),
        // Another role.
        Attempt("SET ROLE", "SET ROLE postgres"),
        Attempt("SET LOCAL ROLE", "BEGIN; SET LOCAL role = postgres"),
        Attempt("set_config", "SELECT set_config('role', 'postgres', false)"),
        Attempt("SET SESSION AUTHORIZATION", "SET SESSION AUTHORIZATION DEFAULT"),
        Attempt("RESET ALL", "RESET ALL"),
    ]

    @Test(arguments: attempts)
    func `a rule is not evaded by a way of writing`(_ attempt: Attempt) async throws {
        let rig = try await Self.rig.value
        let client = try await rig.client()
        #expect(try await client.query(attempt.sql) == ["E 42501", "Z I"])
        client.send(Ask.parse(attempt.sql), Ask.bind(), Ask.execute(), Ask.sync)
        #expect(try await client.answers() == ["E 42501", "Z I"])
    }

    @Test func `after all attempts nothing has changed`() async throws {
        let rig = try await Self.rig.value
        #expect(try await rig.rows() == "{0}\n{42}\n")
    }

    // MARK: How a text is encoded

    @Test func `a text in another encoding than it is read in is refused`() async throws {
        let rig = try await Self.rig.value
        // In SJIS, 0x81 0x5C is one character: the quote behind it ends the string.
        let trick: [UInt8] = Array("SELECT E'".utf8) + [0x81, 0x5C] + Array("'; TABLE secret; --'".utf8)
        let japanese = try await rig.client([(name: "client_encoding", value: "SJIS")])
        japanese.send(PostgresEncoding.query(trick))
        #expect(try await japanese.answers() == ["E 42501", "Z I"])
        #expect(try await japanese.query("SELECT 1").last == "Z I")
        let changing = try await rig.client()
        changing.send(Ask.query("SET client_encoding = 'SJIS'"), PostgresEncoding.query(trick))
        #expect(try await changing.answers(2) == ["C SET", "Z I", "E 42501", "Z I"])
        #expect(try await changing.query("SET client_encoding = 'UTF8'") == ["C SET", "Z I"])
        #expect(try await changing.query("SELECT 'é'") == ["T", "D é", "C SELECT 1", "Z I"])
    }

    @Test func `the end of a transaction may bring back an encoding`() async throws {
        let rig = try await Self.rig.value
        let trick: [UInt8] = Array("SELECT E'".utf8) + [0x81, 0x5C] + Array("'; TABLE secret; --'".utf8)
        let client = try await rig.client([(name: "client_encoding", value: "SJIS")])
        _ = try await client.query("BEGIN; SET LOCAL client_encoding = 'UTF8'")
        client.send(Ask.query("COMMIT"), PostgresEncoding.query(trick))
        #expect(try await client.answers(2) == ["C COMMIT", "Z I", "E 42501", "Z I"])
    }

    @Test func `a backslash is refused where it may escape a quote`() async throws {
        let rig = try await Self.rig.value
        let trick = #"SELECT '\'; TABLE secret; --'"#
        let client = try await rig.client([(name: "options", value: "-c standard_conforming_strings=off")])
        #expect(try await client.query(trick) == ["E 42501", "Z I"])
        #expect(try await client.query(#"SELECT 'a\\b'"#) == ["E 42501", "Z I"])
        let changing = try await rig.client()
        changing.send(
            Ask.query("SET standard_conforming_strings = off"), Ask.query(#"SELECT '\'' || (TABLE secret) --'"#))
        #expect(try await changing.answers(2) == ["C SET", "Z I", "E 42501", "Z I"])
    }

    // MARK: The startup packet

    @Test(arguments: [
        ("role", "postgres"), ("ROLE", "postgres"), ("session_authorization", "postgres"),
        ("options", "-c role=postgres"),
        ("options", "-crole=postgres"), ("options", "--role=postgres"),
        ("options", "-c work_mem=1MB --session-authorization=x"),
        ("options", "-c ro\\le=postgres"), ("options", "-S 64"),
    ])
    func `a setting that may not be changed cannot come with the startup packet`(
        _ name: String, _ value: String
    ) async throws {
        let rig = try await Self.rig.value
        await #expect(throws: WireClient.Lost.self) { try await rig.client([(name: name, value: value)]) }
    }

    @Test func `other settings come with the startup packet as ever`() async throws {
        let rig = try await Self.rig.value
        let settings = [
            (name: "application_name", value: "x"), (name: "options", value: "-c work_mem=1MB --lc-messages=C"),
        ]
        let client = try await rig.client(settings)
        #expect(try await client.query("SHOW work_mem") == ["T", "D 1MB", "C SHOW", "Z I"])
    }

    // MARK: What is remembered of texts

    @Test(arguments: [
        ("SELECT 'x' FROM t", "SELECT '''' FROM secret --'"),
        ("SELECT 'a' 'b'", "SELECT 'a' /* ' */ || (SELECT x FROM secret)::text"),
        (#"SELECT "a" FROM t"#, #"SELECT "a", 'FROM t' FROM secret"#),
        ("SELECT 1 FROM t", "SELECT 1 FROM secret"),
        ("SELECT 1, $1::text FROM t", "SELECT $$1::text FROM t$$ FROM secret"),
    ])
    func `a harmless text lends its judgement to no other`(_ harmless: String, _ harmful: String) async throws {
        let rig = try await Self.rig.value
        let client = try await rig.client()
        client.send(Ask.parse(harmless), Ask.sync)
        _ = try await client.answers()
        client.send(Ask.parse(harmful), Ask.bind(), Ask.execute(), Ask.sync)
        #expect(try await client.answers().first == "E 42501")
    }

    // MARK: Names

    @Test func `a prepared name stands for what the server has, not for what was tried last`() async throws {
        let rig = try await JudgedGateway(RuleSet([Rule("nothing", .allow), Rule("never", .deny)]))
        let client = try await rig.client()
        client.send(Ask.parse("TABLE secret", "s"), Ask.sync, Ask.parse("SELECT 1", "s"), Ask.sync)
        #expect(try await client.answers(2) == ["1", "Z I", "E 42P05", "Z I"])
        rig.rules.replace(JudgedGateway.noSecret)
        // The second Parse may or may not have been answered when the Bind comes: both are judged.
        client.send(Ask.parse("SELECT 1", "s"), Ask.sync, Ask.bind("s"), Ask.execute(), Ask.sync)
        #expect(try await client.answers(2) == ["E 42P05", "Z I", "2", "E 42501", "Z I"])
        client.send(Ask.bind("s", portal: "p"), Ask.sync, Ask.bind("s"), Ask.execute(), Ask.sync)
        #expect(try await client.answers(2) == ["2", "Z I", "2", "E 42501", "Z I"])
        client.send(Ask.close(statement: "s"), Ask.parse("SELECT 1", "s"), Ask.bind("s"), Ask.execute(), Ask.sync)
        #expect(try await client.answers() == ["3", "1", "2", "D 1", "C SELECT 1", "Z I"])
        await rig.gateway.drain()
    }

    @Test func `a search path does not hide a schema`() async throws {
        var rule = Rule("no-hr", .deny)
        rule.tables = ["public.secret"]
        let rig = try await JudgedGateway(RuleSet([rule]))
        let client = try await rig.client()
        #expect(try await client.query("SET search_path = public, pg_catalog") == ["C SET", "Z I"])
        #expect(try await client.query("TABLE secret") == ["E 42501", "Z I"])
        #expect(try await client.query("TABLE public.secret") == ["E 42501", "Z I"])
        #expect(try await client.query("TABLE other.secret") == ["E 42P01", "Z I"])
        await rig.gateway.drain()
    }

    // MARK: What rules cannot see, as docs/rules.md says

    @Test func `what the database does by itself is judged by the name that is called`() async throws {
        let rig = try await JudgedGateway(JudgedGateway.noSecret)
        try await rig.server.psql(
            """
            CREATE VIEW window_on_secret AS TABLE secret;
            CREATE FUNCTION reader() RETURNS SETOF int LANGUAGE sql AS 'TABLE secret';
            """)
        let client = try await rig.client()
        #expect(try await client.query("TABLE window_on_secret") == ["T", "D 42", "C SELECT 1", "Z I"])
        #expect(try await client.query("SELECT reader()") == ["T", "D 42", "C SELECT 1", "Z I"])
        var stricter = JudgedGateway.noSecret
        stricter.rules[0].tables.append("window_*")
        var functions = Rule("no-reader", .deny)
        functions.functions = ["reader"]
        rig.rules.replace(RuleSet(stricter.rules + [functions]))
        #expect(try await client.query("TABLE window_on_secret") == ["E 42501", "Z I"])
        #expect(try await client.query("SELECT reader()") == ["E 42501", "Z I"])
        await rig.gateway.drain()
    }
}
