import Testing
import WireTestKit

@testable import Protocols

@Suite struct SQLStatementsTests {
    @Test(
        arguments: [
            ("SELECT 1", ["SELECT 1"]),
            ("SELECT 1; SELECT 2;\n ; SELECT 3 ;", ["SELECT 1", "SELECT 2", "SELECT 3"]),
            ("SELECT ';', \"a;b\", 'it''s;'; X", ["SELECT ';', \"a;b\", 'it''s;'", "X"]),
            ("SELECT E'\\';'; X", ["SELECT E'\\';'", "X"]),
            ("SELECT '\\'; X", ["SELECT '\\'", "X"]),
            ("DO $$ a; b $$; X", ["DO $$ a; b $$", "X"]),
            ("DO $t$ a; $$ b; $t$; X", ["DO $t$ a; $$ b; $t$", "X"]),
            ("SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
            ("SELECT a$b; X", ["SELECT a$b", "X"]),
            ("SELECT 1 -- a; b\n; X", ["SELECT 1 -- a; b", "X"]),
            ("/* a; /* b; */ c; */ SELECT 1; X", ["/* a; /* b; */ c; */ SELECT 1", "X"]),
            ("-- nothing", []),
            ("SELECT 1; -- the end", ["SELECT 1"]),
            ("CREATE RULE r AS ON INSERT TO t DO (a; b); X", ["CREATE RULE r AS ON INSERT TO t DO (a; b)", "X"]),
            (
                "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; X",
                ["CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END", "X"]
            ),
            ("BEGIN; END; X", ["BEGIN", "END", "X"]),
            ("SELECT 'open; X", ["SELECT 'open; X"]),
            ("", []),
            ("$", ["$"]),
        ] as [(String, [String])])
    func `a text is cut where the server's scanner cuts it`(_ sql: String, _ statements: [String]) {
        let bytes = Array(sql.utf8)
        let found = SQLStatements.split(bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
        #expect(found == statements)
    }

    /// Behind a semicolon the scanner reads every character; without any, a text is mostly looked at as a whole.
    @Test(arguments: (0..<50).map { _ in UInt64.random(in: 0 ... .max) })
    func `a text without semicolons is cut like one behind a semicolon`(_ seed: UInt64) {
        let words = [
            "a", "e", " ", "'", "\"", "$", "(", ")", "-", "/", "*", "\n", "\\", "begin", "atomic", "case", "end",
        ]
        var generator = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let sql = (0..<8).map { _ in words.randomElement(using: &generator)! }.joined()
            let bytes = Array(sql.utf8)
            let later = Array("; \(sql)".utf8)
            let behind = SQLStatements.split(later.span).map { $0.lowerBound - 2..<$0.upperBound - 2 }
            #expect(SQLStatements.split(bytes.span) == behind, "\(sql)")
        }
    }
}
