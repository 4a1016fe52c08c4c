import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// The index finds the rules that a walk through all of them finds.
@Suite struct RuleIndexTests {
    private static let alice = Identity(subject: "alice", groups: [], method: "scram")

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the index decides as a walk through all rules does`(_ seed: UInt64) {
        var source = RuleSource(seed: seed)
        for _ in 0..<40 {
            let set = source.set()
            let indexed = CallerRules(set, for: Self.alice, on: "orders")
            for _ in 0..<25 {
                let statement = source.statement()
                let facts = SQLFacts([statement])
                let time = Int64(source.next(2)) * 12 * 3_600_000_000_000
                #expect(
                    indexed.judge(facts, at: time) == Walk(set: set, rules: indexed).judge(statement, time),
                    "seed \(seed): \(statement) under \(set)")
            }
        }
    }

    /// Tables, functions and columns named exactly and by prefix: the parts of ``Bench``'s rules that concern the most.
    @Test func `a statement is compared with the rules that may fit it`() {
        var index = RuleIndex()
        for number in 0..<10_000 {
            var rule = Rule("r\(number)", .deny)
            switch number % 4 {
            case 0: rule.tables = [TablePattern("t\(number)")]
            case 1: rule.tables = [TablePattern("archive_\(number)_*")]
            case 2: rule.columns = [Wildcard("c\(number)")]
            default: rule.functions = [TablePattern("export_\(number)*")]
            }
            index.enter(rule, number)
        }
        var statement = SQLStatement(.select)
        statement.columns = ["c2", "c6", "other"]
        #expect(index.places(for: SQLAccess(.select, SQLName("t4")), of: statement) == [2, 4, 6])
        #expect(index.places(for: SQLAccess(.select, SQLName("archive_5_x")), of: statement) == [2, 5, 6])
        #expect(index.places(forFunction: "export_7") == [7])
        #expect(index.places(forFunction: "export_77") == [7])
        #expect(index.places(forFunction: "export_8").isEmpty)
    }
}

/// Rules held against a statement one after the other.
private struct Walk {
    let set: RuleSet
    /// For what rules amount to; not for which of them fit.
    let rules: CallerRules

    func judge(_ statement: SQLStatement, _ time: Int64) -> Judgement {
        var result = Judgement.allow(nil)
        func add(_ cause: Judgement.Cause, isHarmless: Bool, _ fits: (Rule) -> Bool) {
            let rule = set.rules.first { $0.requests == nil && ($0.hours?.contains(time) ?? true) && fits($0) }
            result = result.stricter(rules.judgement(rule, cause, isHarmless: isHarmless))
        }
        if let reason = statement.blindness { add(.unseen(reason), isHarmless: false) { $0.fitsUnseen(statement) } }
        for access in statement.accesses {
            add(.access(access), isHarmless: access.isHarmless) { $0.fits(access, of: statement) }
        }
        for function in statement.functions {
            add(.function(function), isHarmless: SQLFunctions.isHarmless(function)) { $0.fits(function, of: statement) }
        }
        for name in statement.columns {
            add(.function(SQLName(name)), isHarmless: true) { $0.fits(attribute: name, of: statement) }
        }
        for setting in statement.settings {
            add(.setting(setting), isHarmless: SQLStatement.isHarmless(setting: setting)) { $0.fits(setting: setting) }
        }
        return result
    }
}

/// Rules and statements of few words, so that they meet.
private struct RuleSource {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    private static let names = ["a", "ab", "abc", "b", "ba", "é", "e\u{301}", "aé"]
    private static let patterns = names + ["*", "a*", "ab*", "*b", "a*c", "*a*", "b*a", "é*"]
    private static let kinds: [SQLKind] = [.select, .insert, .update, .delete, .set, .drop, .do, .other]

    mutating func next(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    private mutating func some(of words: [String], in count: Int = 3) -> [String] {
        (0..<max(0, next(count + 3) - 2)).map { _ in words[next(words.count)] }
    }

    mutating func set() -> RuleSet {
        RuleSet((0..<(1 + next(12))).map { rule("r\($0)") }, standard: next(2) == 0 ? .allow : .deny)
    }

    private mutating func rule(_ name: String) -> Rule {
        var rule = Rule(name, Rule.Action.allCases[next(3)])
        if next(3) == 0 { rule.statements = Set((0..<(1 + next(3))).map { _ in Self.kinds[next(Self.kinds.count)] }) }
        rule.tables = some(of: Self.patterns + ["s.a", "s.*", "*.b", "s*.a*"]).map { TablePattern($0) }
        rule.columns = some(of: Self.patterns, in: 1).map { Wildcard($0) }
        rule.functions = some(of: Self.patterns + ["s.b"], in: 1).map { TablePattern($0) }
        rule.settings = some(of: Self.patterns, in: 1).map { Wildcard($0) }
        rule.withoutWhere = next(8) == 0
        if next(4) == 0 { rule.hours = RuleHours(start: 9 * 60, end: 17 * 60) }
        return rule
    }

    private mutating func name() -> SQLName {
        SQLName(Self.names[next(Self.names.count)], schema: [nil, nil, "s", "sa"][next(4)])
    }

    mutating func statement() -> SQLStatement {
        var statement = SQLStatement(Self.kinds[next(Self.kinds.count)], unseen: next(5) == 0 ? .tooLong : nil)
        for _ in 0..<next(3) {
            let table = next(4) == 0 ? nil : name()
            let kind = Self.kinds[next(Self.kinds.count)]
            statement.accesses.append(SQLAccess(kind, table, lacksWhere: next(3) == 0, isBroad: next(4) == 0))
        }
        statement.columns = Set(some(of: Self.names))
        statement.usesAllColumns = next(4) == 0
        statement.functions = (0..<next(2)).map { _ in name() }
        statement.settings = some(of: Self.names + [SQLStatement.anySetting], in: 1)
        return statement
    }
}
