import Protocols
import Testing
import WireTestKit

@Suite struct PostgresSecretPropertyTests {
    @Test(arguments: (0..<4).map { _ in UInt64.random(in: 0 ... .max) })
    func `a known secret is found in every form, however deep and behind whatever text`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<1_500 {
            let count = Int.random(in: 0...200, using: &generator)
            let isText = Bool.random(using: &generator)
            let input = (0..<count).map { _ in
                isText ? UInt8.random(in: 32...126, using: &generator) : UInt8.random(in: 0...255, using: &generator)
            }
            if let violation = PostgresSecretProperties.violation(input) {
                Issue.record("\(violation)\nfrom \(input)")
                return
            }
        }
    }

    /// Pieces of SQL in any order: more of the lexer's corners than random bytes reach.
    @Test(arguments: (0..<4).map { _ in UInt64.random(in: 0 ... .max) })
    func `pieces of SQL in any order are read in order and without regard to cuts`(seed: UInt64) {
        let pieces = [
            "'", "''", "E'", "U&'", "$$", "$a$", "\"", "/*", "*/", "--", "\n", "\\", "password", "PASSWORD ", "=",
            "crypt(",
            ")", ";", " ", "ALTER ROLE ", "geheim", "://", "postgres://", "u:p@h", "%L", "||", ",", "null", "é",
        ].map { Array($0.utf8) }
        var generator = SplitMix64(seed: seed)
        for _ in 0..<1_500 {
            let input = (0..<Int.random(in: 0...30, using: &generator)).flatMap { _ in
                pieces.randomElement(using: &generator) ?? []
            }
            if let violation = PostgresSecretProperties.violation(input) {
                Issue.record("\(violation)\nfrom \(input)")
                return
            }
        }
    }
}
