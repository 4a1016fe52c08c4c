import Protocols
import Synchronization
import Testing

@testable import Gateway

/// Judgements that are remembered, and when they count no more.
@Suite struct StatementJudgeTests {
    private static let minute: Int64 = 60_000_000_000
    private static let caller = Identity(subject: "alice", groups: [], method: "scram")

    private static func isDenied(_ judge: StatementJudge, _ reading: StatementJudge.Reading) -> Bool {
        if case .deny = judge.judge(reading) { true } else { false }
    }

    private static func noSecret(_ change: (inout Rule) -> Void = { _ in }) -> RuleSet {
        var rule = Rule("no-secret", .deny)
        rule.tables = ["secret"]
        change(&rule)
        return RuleSet([rule])
    }

    @Test func `what was read before is judged by the clock of each time`() {
        let now = Mutex<Int64>(0)
        let rules = Self.noSecret { $0.hours = RuleHours(start: 18 * 60, end: 6 * 60) }
        let judge = RuleBook(rules, now: { now.withLock { $0 } }).judge(for: Self.caller, on: "orders")
        let reading = judge.read(Array("TABLE secret".utf8).span)
        for (time, isDenied) in [
            (18 * 60 * Self.minute - 1, false), (18 * 60 * Self.minute, true), (30 * 60 * Self.minute - 1, true),
            (30 * 60 * Self.minute, false), (18 * 60 * Self.minute - 1, false), (18 * 60 * Self.minute, true),
        ] {
            now.withLock { $0 = time }
            #expect(Self.isDenied(judge, reading) == isDenied, "\(time) ns")
            #expect(Self.isDenied(judge, reading) == isDenied, "\(time) ns, remembered")
        }
    }

    @Test func `what was read before is judged by the rules of each caller's generation`() {
        let book = RuleBook(RuleSet([Rule("no-nothing", .deny)]), now: { 0 })
        let first = book.judge(for: Self.caller, on: "orders")
        let reading = first.read(Array("TABLE secret".utf8).span)
        book.replace(Self.noSecret())
        let second = book.judge(for: Self.caller, on: "orders")
        book.replace(Self.noSecret { $0.users = ["bob"] })
        let third = book.judge(for: Self.caller, on: "orders")
        for _ in 0..<2 {
            #expect(Self.isDenied(first, reading))
            #expect(Self.isDenied(second, reading))
            #expect(!Self.isDenied(third, reading))
        }
    }

    private static let boundedNumbers = [
        ("ALTER INDEX i ALTER COLUMN 0 SET STATISTICS 1", "ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 1"),
        ("FETCH 3000000000 FROM c", "FETCH 3 FROM c"), ("SELECT 1::float(54)", "SELECT 1::float(24)"),
        ("SELECT x::char(3000000000) FROM t", "SELECT x::char(3) FROM t"),
    ]

    @Test(arguments: boundedNumbers)
    func `a value that cannot be parsed is not held against others`(_ mistaken: String, _ right: String) {
        let judge = RuleBook(Self.noSecret(), now: { 0 }).judge(for: Self.caller, on: "orders")
        #expect(Self.isDenied(judge, judge.read(Array(mistaken.utf8).span)))
        #expect(!Self.isDenied(judge, judge.read(Array(right.utf8).span)))
    }

    @Test(arguments: boundedNumbers)
    func `a value that cannot be parsed is not let through for others' sake`(_ mistaken: String, _ right: String) {
        let judge = RuleBook(Self.noSecret(), now: { 0 }).judge(for: Self.caller, on: "orders")
        let first = judge.read(Array(right.utf8).span)
        #expect(!Self.isDenied(judge, first))
        #expect(judge.read(Array(right.utf8).span) === first, "the same text is not parsed again")
        #expect(Self.isDenied(judge, judge.read(Array(mistaken.utf8).span)))
    }

    @Test func `texts that differ in their values are read once`() {
        let judge = RuleBook(Self.noSecret(), now: { 0 }).judge(for: Self.caller, on: "orders")
        let first = judge.read(Array("SELECT x FROM t WHERE a = 7 AND b = 'x'".utf8).span)
        #expect(judge.read(Array("SELECT x FROM t WHERE a = 3000000000 AND b = ''".utf8).span) === first)
    }
}
