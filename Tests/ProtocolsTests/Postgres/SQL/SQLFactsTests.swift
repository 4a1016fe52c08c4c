import Adapters
import Protocols
import Testing

/// What is seen in a statement's text.
@Suite struct SQLFactsTests {
    private static func statement(_ sql: String) throws -> SQLStatement {
        let facts = SQLParser.facts(of: Array(sql.utf8).span)
        try #require(facts.statements.count == 1)
        return facts.statements[0]
    }

    /// "delete t!" is a DELETE of t without WHERE, "drop *" a DROP of what is not named.
    private static func accesses(_ sql: String) throws -> Set<String> {
        Set(
            try statement(sql).accesses.map { access in
                let table = access.table.map { " \($0)" } ?? (access.isBroad ? " *" : "")
                return access.kind.rawValue + table + (access.lacksWhere ? "!" : "")
            })
    }

    @Test(arguments: [
        ("SELECT 1", ["select"]),
        ("VALUES (1)", ["select"]),
        ("SELECT * FROM a, b.c", ["select a", "select b.c"]),
        ("TABLE a", ["select a"]),
        ("SELECT (SELECT 1 FROM a) FROM b WHERE x IN (SELECT y FROM c)", ["select a", "select b", "select c"]),
        ("SELECT 1 FROM a UNION SELECT 1 FROM b EXCEPT TABLE c", ["select a", "select b", "select c"]),
        ("SELECT 1 FROM a JOIN (b JOIN c USING (x)) ON true", ["select a", "select b", "select c"]),
        ("SELECT 1 FROM a, LATERAL (SELECT 1 FROM b) s", ["select a", "select b"]),
        ("SELECT 1 FROM a FOR UPDATE OF a", ["select a"]),
        ("SELECT x INTO n FROM a", ["select a", "create n"]),
        ("CREATE TABLE n AS SELECT x FROM a", ["select a", "create n"]),
        ("CREATE TABLE n (x int REFERENCES a)", ["create n", "create a"]),
        ("CREATE TABLE n (LIKE a)", ["create n", "create a"]),
        ("CREATE VIEW v AS SELECT x FROM a", ["select a", "create v"]),
        ("INSERT INTO a (x) VALUES (1)", ["insert a"]),
        ("INSERT INTO a (x) SELECT y FROM b", ["insert a", "select b"]),
        ("INSERT INTO a (x) VALUES (1) RETURNING x", ["insert a", "select a"]),
        ("INSERT INTO a (x) VALUES (1) ON CONFLICT DO NOTHING", ["insert a"]),
        ("INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2", ["insert a", "update a"]),
        ("UPDATE a SET x = 1", ["update a!"]),
        ("UPDATE a SET x = 1 WHERE y = 2", ["update a", "select a"]),
        ("UPDATE a SET x = b.y FROM b WHERE true", ["update a", "select a", "select b"]),
        ("DELETE FROM a", ["delete a!"]),
        ("DELETE FROM a RETURNING *", ["delete a!", "select a"]),
        ("DELETE FROM a USING b WHERE a.x = b.x", ["delete a", "select a", "select b"]),
        (
            "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (x) VALUES (1)",
            ["merge a", "delete a", "insert a", "select a", "select b"]
        ),
        ("TRUNCATE a, b", ["truncate a", "truncate b"]),
        ("COPY a (x) TO STDOUT", ["copy a", "select a"]),
        ("COPY a (x) FROM STDIN", ["copy a", "insert a"]),
        ("COPY (SELECT x FROM a) TO STDOUT", ["copy", "select a"]),
        ("LOCK TABLE a", ["lock a"]),
        ("DROP TABLE a, b.c", ["drop a", "drop b.c"]),
        ("DROP SCHEMA a CASCADE", ["drop *"]),
        ("DROP TRIGGER t ON a", ["drop a"]),
        ("DROP OWNED BY x", ["drop *"]),
        ("ALTER TABLE a ADD x int", ["alter a"]),
        ("ALTER TABLE a RENAME TO b", ["alter a"]),
        ("ALTER TABLE a ATTACH PARTITION b DEFAULT", ["alter a", "alter b"]),
        ("CREATE INDEX ON a (x)", ["create a"]),
        ("GRANT SELECT ON a TO x", ["grant a"]),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA s TO x", ["grant *"]),
        ("GRANT a TO b", ["grant *"]),
        ("EXPLAIN ANALYZE DELETE FROM a", ["explain", "delete a!"]),
        ("DECLARE c CURSOR FOR SELECT x FROM a", ["declare", "select a"]),
        ("PREPARE p AS DELETE FROM a", ["prepare", "delete a!"]),
        ("CREATE RULE r AS ON INSERT TO a DO INSTEAD DELETE FROM b", ["create a", "delete b!"]),
        ("REFRESH MATERIALIZED VIEW a", ["alter a"]),
        ("VACUUM a", ["maintain a"]),
        ("BEGIN", ["transaction"]),
        ("PREPARE TRANSACTION 'x'", ["twophase"]),
        ("SET ROLE x", ["set"]),
        ("CALL p(1)", ["call"]),
    ])
    func `a statement's tables are seen with what is done to them`(_ sql: String, _ expected: [String]) throws {
        #expect(try Self.accesses(sql) == Set(expected))
    }

    @Test(arguments: [
        ("WITH w AS (SELECT 1) SELECT * FROM w", ["select"]),
        ("WITH w AS (SELECT * FROM a) SELECT * FROM w", ["select a"]),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", ["select a"]),
        ("WITH v AS (SELECT * FROM w), w AS (SELECT 1) SELECT * FROM v", ["select w"]),
        ("WITH RECURSIVE v AS (SELECT * FROM w), w AS (SELECT 1) SELECT * FROM v", ["select"]),
        ("SELECT * FROM (WITH w AS (SELECT 1) SELECT * FROM w) q, w", ["select w"]),
        ("WITH w AS (SELECT 1) SELECT * FROM s.w", ["select s.w"]),
        ("WITH w AS (SELECT 1) DELETE FROM w", ["delete w!"]),
        ("WITH w AS (DELETE FROM a RETURNING x) SELECT * FROM w", ["delete a!", "select a"]),
        ("WITH w AS (SELECT 1 AS x) INSERT INTO w (x) SELECT x FROM w", ["insert w"]),
    ])
    func `the names of a WITH hide a table where the server says so, and nowhere else`(
        _ sql: String, _ expected: [String]
    ) throws {
        #expect(try Self.accesses(sql) == Set(expected))
    }

    @Test(arguments: [
        "SELECT * FROM p", "SELECT p FROM p", "SELECT q FROM p q", "SELECT p.* FROM p", "TABLE p",
        "SELECT row_to_json(q) FROM p AS q", "SELECT b FROM p AS q (a, b)", "SELECT (p).* FROM p",
        "SELECT x FROM p NATURAL JOIN o", "SELECT c FROM (p JOIN o USING (i)) AS j (a, b, c)", "COPY p TO STDOUT",
        "INSERT INTO p VALUES (1)", "DELETE FROM p RETURNING *", "UPDATE p SET x = 1 RETURNING p",
        "SELECT count(p) FROM p", "SELECT ssn(p) FROM p", "ALTER TABLE p RENAME ssn TO x",
        "SELECT s.p FROM s.p", "CREATE TABLE n (LIKE p)",
    ])
    func `columns that are used without being written out are all columns`(_ sql: String) throws {
        #expect(try Self.statement(sql).usesAllColumns)
    }

    @Test(arguments: [
        "SELECT ssn FROM p", "SELECT p.ssn FROM p", "SELECT 1 FROM p WHERE ssn = '1'", "SELECT 1 FROM p ORDER BY ssn",
        "SELECT (SELECT q.ssn) FROM p q", "SELECT x FROM p JOIN o USING (ssn)", "UPDATE p SET ssn = ''",
        "INSERT INTO p (ssn) VALUES ('')", "SELECT (f(x)).ssn", "CREATE INDEX ON p (ssn)", "COPY p (ssn) TO STDOUT",
        "SELECT max(p.ssn) FROM p GROUP BY x HAVING min(ssn) > ''", "DELETE FROM p WHERE ssn = ''",
        #"SELECT U&"\0073sn" FROM p"#, #"SELECT "ssn" FROM p"#, "SELECT SsN FROM p",
        "INSERT INTO p (x) VALUES (1) ON CONFLICT (ssn) DO NOTHING",
    ])
    func `a column is seen wherever it is written`(_ sql: String) throws {
        #expect(try Self.statement(sql).columns.contains("ssn"))
    }

    @Test func `a result's own name is no column`() throws {
        let statement = try Self.statement("SELECT name AS ssn FROM p")
        #expect(statement.columns == ["name"])
        #expect(!statement.usesAllColumns)
    }

    @Test(arguments: [
        ("SELECT f(1)", "f"), ("SELECT s.f(1)", "s.f"), ("CALL f(1)", "f"), ("SELECT * FROM f(1) AS g (x)", "f"),
        ("CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()", "f"), ("SELECT sum(x) OVER (ORDER BY f(1))", "f"),
        ("SELECT F(1)", "f"), (#"SELECT "f"(1)"#, "f"), ("SELECT 1 WHERE EXISTS (SELECT f())", "f"),
        ("SELECT * FROM ROWS FROM (f(1), g(2)) x", "f"), ("SELECT EXTRACT(year FROM now())", "pg_catalog.extract"),
    ])
    func `a function is seen wherever it is called`(_ sql: String, _ name: String) throws {
        #expect(try Self.statement(sql).functions.map(\.description).contains(name))
    }

    @Test(arguments: [
        ("DO 'BEGIN END'", SQLBlindness.codeInText(.do)),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", .codeInText(.create)),
        ("EXECUTE p", .preparedElsewhere),
        ("EXPLAIN ANALYZE EXECUTE p", .preparedElsewhere),
        ("COPY a FROM PROGRAM 'id'", .file),
        ("COPY a TO '/tmp/x'", .file),
        ("SELECT query_to_xml('TABLE a', true, true, '')", .function("query_to_xml")),
        ("SELECT dblink_exec('DELETE FROM a')", .function("dblink_exec")),
        ("SELEC 1", .unparsable(at: 1)),
        ("SELECT 1 +", .unparsable(at: 11)),
        ("SELECT JSON_VALUE(x, '$' RETURNING int) FROM a", .unparsable(at: 26)),
    ])
    func `what the text does not show is named`(_ sql: String, _ blindness: SQLBlindness) throws {
        #expect(try Self.statement(sql).blindness == blindness)
    }

    @Test func `a function whose body is SQL that is parsed shows what it reads`() throws {
        let sql = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT x FROM a; END"
        #expect(try Self.statement(sql).blindness == nil)
        #expect(try Self.accesses(sql) == ["create *", "select a"])
    }

    @Test func `each statement of a text is one`() {
        let facts = SQLParser.facts(of: Array("SELECT 1; ; DROP TABLE a /* ; */; SELECT ';'".utf8).span)
        #expect(facts.statements.map(\.kind) == [.select, .drop, .select])
        #expect(SQLParser.facts(of: Array(" -- nothing".utf8).span).statements.isEmpty)
    }

    @Test(arguments: [
        ("SET search_path = x", ["search_path"]), ("RESET ALL", ["*"]), ("SET ROLE x", ["role"]),
        ("SET NAMES 'SJIS'", ["client_encoding"]), ("SELECT set_config('role', 'x', false)", ["*"]),
        ("SET SESSION AUTHORIZATION x", ["session_authorization"]), ("SET LOCAL a.b TO 1", ["a.b"]),
    ])
    func `settings are seen`(_ sql: String, _ settings: [String]) throws {
        #expect(try Self.statement(sql).settings == settings)
    }

    @Test func `names are cut as the server cuts them`() throws {
        let long = String(repeating: "n", count: 80)
        #expect(try Self.accesses("TABLE \(long)") == ["select " + String(repeating: "n", count: 63)])
    }

    /// Unbounded, these would overflow the stack of the parser's library.
    @Test(arguments: ["+1", "::a", " COLLATE c", "[1]", " UNION SELECT 1", " OR a", "||a", ".a"])
    func `an endless chain is refused, not crashed on`(_ link: String) throws {
        let sql = "SELECT a" + String(repeating: link, count: (SQLParser.syntaxLimit - 100) / link.utf8.count)
        let blindness = try Self.statement(sql).blindness
        #expect([nil, .tooDeep].contains(blindness) || blindness?.description.contains("parsed") == true)
        #expect(try Self.statement("SELECT a" + String(repeating: link, count: 300)).blindness != .tooDeep)
    }

    @Test(arguments: ["(", "-", "NOT ", "SELECT (", "a[", "CASE WHEN ", "f("])
    func `an endless nesting is refused, not crashed on`(_ opening: String) throws {
        let sql = "SELECT " + String(repeating: opening, count: (SQLParser.syntaxLimit - 100) / opening.utf8.count)
        #expect(try Self.statement(sql).blindness != nil)
    }

    @Test func `a long text is read as long as what is not in quotes is short`() throws {
        func insert(_ rows: Int, _ value: String) -> String {
            "INSERT INTO t VALUES (1)" + String(repeating: ",('\(value)')", count: rows)
        }
        let long = String(repeating: "x", count: 1_000)
        #expect(try Self.accesses(insert(2_000, long)) == ["insert t"])
        #expect(try Self.statement(insert(SQLParser.syntaxLimit / 5, "")).blindness == .tooLong)
        #expect(try Self.statement(insert(2_000, long) + " -- ").blindness == .tooLong, "it has no shape")
    }

    @Test func `a text above the limit is not read`() throws {
        let sql = "SELECT '" + String(repeating: "x", count: SQLParser.lengthLimit) + "'"
        #expect(try Self.statement(sql).blindness == .tooLong)
    }
}
