import Adapters
import Protocols
import Testing

/// Judgements are remembered by shape, so what has one shape must have one meaning.
@Suite struct SQLShapeTests {
    private static func shape(_ sql: some StringProtocol) -> String? {
        var shape: [UInt8] = []
        return SQLShape.append(of: Array(sql.utf8).span, to: &shape) ? String(decoding: shape, as: UTF8.self) : nil
    }

    @Test(arguments: [
        ("SELECT 12, 'a''b' FROM t1 WHERE x = $2", "SELECT 0, '''' FROM t1 WHERE x = $2"),
        ("SELECT 1.5e10, x2, -3", "SELECT 0.0e10, x2, -0"),
        (#"SELECT "a 1" FROM "t""#, #"SELECT "a 1" FROM "t""#),
        ("SELECT 'é', é1, $1", "SELECT '', é1, $1"),
    ])
    func `values are left out, and nothing else`(_ sql: String, _ expected: String) {
        #expect(Self.shape(sql) == expected)
    }

    @Test(arguments: [
        #"SELECT '\'"#, "SELECT 1 -- x", "SELECT /* x */ 1", "SELECT $$x$$", "SELECT $a$x$a$", "SELECT 'x",
        #"SELECT "x"#,
        #"SELECT U&'x'"#, #"SELECT U&"x" UESCAPE '!'"#, #"SELECT "\""#,
    ])
    func `a text that might be read in two ways has none`(_ sql: String) { #expect(Self.shape(sql) == nil) }

    @Test func `texts of one shape ask for the same`() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var generator = Generator(state: seed)
        var pairs = 0
        for _ in 0..<40_000 {
            let (left, right) = generator.pair()
            guard let shape = Self.shape(left), shape == Self.shape(right), left != right else { continue }
            let facts = [left, right].map { SQLParser.facts(of: Array($0.utf8).span) }
            let isParsed = facts.allSatisfy { $0.statements.allSatisfy { $0.blindness == nil } }
            // Of texts that are no SQL, the place of the mistake may differ.
            guard isParsed else { continue }
            pairs += 1
            #expect(facts[0] == facts[1], "seed \(seed): \(left) and \(right)")
        }
        #expect(pairs > 1_000, "seed \(seed): \(pairs)")
    }

    /// SplitMix64, and texts that are SQL, or nearly.
    private struct Generator {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)) % UInt64(bound))
        }

        private static let pieces = [
            "SELECT ", "x", " FROM ", "t", "secret", ", ", "'a'", "'it''s'", "1", "23.5", " WHERE ", " = ", "(", ")",
            "\"a\"",
            "E'x'", "U&'x'", "$1", "$$q$$", " -- c\n", " /* c */ ", "; ", "DELETE FROM t", " AND ", "f(1)", "::text",
            "N'x'",
            "B'01'", " IN (1, 2)", "''", "'-- '", "'/*'", "\"'\"", "'\"'", " LIMIT 5", "-7", "é", "'é'", "t1", "1e5",
            "0x1F",
        ]
        private static let strays = Array("'\"$-/*;09aE&U(),= \\\n".utf8)

        /// A text, and one that differs from it in a few bytes.
        mutating func pair() -> (String, String) {
            var text = "SELECT x FROM t WHERE y = 'abc' AND z = 12"
            for _ in 0..<next(6) { text += Self.pieces[next(Self.pieces.count)] }
            var other = Array(text.utf8)
            for _ in 0...next(3) {
                let stray = Self.strays[next(Self.strays.count)]
                // Most changes are within the values that every text begins with.
                let place = next(3) == 0 ? next(other.count) : [27, 28, 29, 40, 41][next(5)]
                if next(4) == 0 { other.insert(stray, at: place) } else { other[place] = stray }
            }
            return (text, String(decoding: other, as: UTF8.self))
        }
    }
}
