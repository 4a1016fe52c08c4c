import Adapters
import Gateway
import Protocols
import Testing

/// Which rule decides about a statement.
@Suite struct RuleTests {
    private static let alice = Identity(subject: "alice", groups: ["staff", "interns"], method: "jwt")
    /// A Saturday, 12:00 UTC.
    private static let noon: Int64 = 1_795_262_400_000_000_000

    /// "deny:NAME", "ask:NAME" or "allow:NAME"; the name is empty where no rule decided.
    private static func judge(
        _ sql: String, _ set: RuleSet, as identity: Identity = alice, on target: String = "orders",
        at time: Int64 = noon
    ) -> String {
        let rules = CallerRules(set, for: identity, on: target)
        switch rules.judge(SQLParser.facts(of: Array(sql.utf8).span), at: time) {
        case .allow(let rule): return "allow:\(rule?.name ?? "")"
        case .ask(let rule, _): return "ask:\(rule.name)"
        case .deny(let rule, _): return "deny:\(rule?.name ?? "")"
        }
    }

    private static func rule(_ name: String, _ action: Rule.Action, _ fill: (inout Rule) -> Void = { _ in }) -> Rule {
        var rule = Rule(name, action)
        fill(&rule)
        return rule
    }

    @Test(arguments: [
        ("SELECT 1", "allow:"), ("DELETE FROM a", "deny:whole"), ("DELETE FROM a WHERE x = 1", "allow:"),
        ("DROP TABLE b", "ask:drops"), ("SELECT * FROM hr.pay", "deny:pay"), ("SELECT * FROM pay", "deny:pay"),
        ("SELECT * FROM public.pay", "allow:"), ("SELECT pg_sleep(9)", "deny:sleep"),
        ("DROP TABLE b; DELETE FROM a", "deny:whole"), ("SELECT 1; DROP TABLE b", "ask:drops"),
        ("DO 'x'", "deny:whole"), ("SELEC 1", "deny:whole"), ("SET ROLE x", "ask:role"), ("RESET ALL", "ask:role"),
        ("SET work_mem = 1", "allow:"), ("SELECT set_config('role', 'x', true)", "ask:role"),
    ])
    func `of each part the first rule that fits decides, of the parts the strictest`(_ sql: String, _ expected: String)
    {
        let set = RuleSet([
            Self.rule("whole", .deny) { $0.withoutWhere = true },
            Self.rule("drops", .ask) { $0.statements = [.drop] },
            Self.rule("pay", .deny) { $0.tables = ["hr.pay"] },
            Self.rule("sleep", .deny) { $0.functions = ["pg_sleep*"] },
            Self.rule("role", .ask) { $0.settings = ["role"] },
        ])
        #expect(Self.judge(sql, set) == expected)
    }

    @Test(arguments: [
        ("SELECT x FROM orders", "allow:read"), ("SELECT 1", "allow:"), ("BEGIN", "allow:"), ("SHOW x", "allow:"),
        ("SELECT count(*), now() FROM orders", "allow:read"), ("SELECT x FROM orders, other", "deny:"),
        ("SELECT my_own(x) FROM orders", "deny:"), ("SELECT evil.count(*) FROM orders", "deny:"),
        ("DELETE FROM orders WHERE true", "deny:"), ("WITH w AS (DELETE FROM orders) SELECT 1", "deny:"),
        ("SELECT * FROM s.lines", "allow:lines"), ("SELECT * FROM lines", "deny:"), ("SELECT * FROM t.lines", "deny:"),
        ("SELECT name FROM people", "allow:names"), ("SELECT * FROM people", "deny:"),
        ("SELECT name FROM people ORDER BY ssn", "deny:"), ("SELECT people FROM people", "deny:"),
        ("SET application_name = 'x'", "allow:name"), ("SET role = x", "deny:"), ("RESET ALL", "deny:"),
        ("DO 'x'", "deny:"), ("SELEC 1", "deny:"), ("SELECT approved(1)", "allow:function"),
        ("EXPLAIN SELECT x FROM orders", "allow:read"), ("LOCK orders", "deny:"),
        ("CALL approved(1)", "allow:function"),
        ("PREPARE TRANSACTION 'x'", "deny:"), ("LISTEN x", "deny:"), ("CREATE TABLE x ()", "deny:"),
    ])
    func `where the standard is to deny, all of a statement has to be allowed`(_ sql: String, _ expected: String) {
        let set = RuleSet(
            [
                Self.rule("read", .allow) {
                    $0.statements = [.select]
                    $0.tables = ["orders"]
                },
                Self.rule("lines", .allow) { $0.tables = ["s.lines"] },
                Self.rule("names", .allow) {
                    $0.tables = ["people"]
                    $0.columns = ["name", "id"]
                },
                Self.rule("name", .allow) { $0.settings = ["application_name"] },
                Self.rule("function", .allow) { $0.functions = ["approved"] },
            ], standard: .deny)
        #expect(Self.judge(sql, set) == expected)
    }

    @Test(arguments: [
        ("root", [], "orders", "allow:roots"), ("alice", ["staff"], "orders", "deny:staff"),
        ("alice", [], "orders", "allow:"), ("bob", ["interns"], "test-1", "ask:tests"), ("bob", [], "live", "allow:"),
    ])
    func `a rule may be for some users, groups and targets`(
        _ user: String, _ groups: [String], _ target: String, _ expected: String
    ) {
        let set = RuleSet([
            Self.rule("roots", .allow) { $0.users = ["root"] },
            Self.rule("staff", .deny) { $0.groups = ["sta*"] },
            Self.rule("tests", .ask) { $0.targets = ["test-*"] },
        ])
        let identity = Identity(subject: user, groups: groups, method: "jwt")
        #expect(Self.judge("TABLE a", set, as: identity, on: target) == expected)
    }

    @Test(arguments: [
        ([], "08:00", "18:00", "12:00", true), ([], "08:00", "12:00", "12:00", false),
        ([], "12:00", "24:00", "12:00", true), ([RuleHours.Weekday.sat], "00:00", "24:00", "12:00", true),
        ([.fri, .sun], "00:00", "24:00", "12:00", false), ([.fri], "22:00", "13:00", "12:00", true),
        ([.sat], "22:00", "13:00", "12:00", false),
    ])
    func `a rule may hold at some hours, in UTC, and past midnight`(
        _ days: [RuleHours.Weekday], _ start: String, _ end: String, _ now: String, _ holds: Bool
    ) throws {
        let hours = RuleHours(
            days: Set(days), start: try #require(RuleHours.minutes(start)), end: try #require(RuleHours.minutes(end)))
        let set = RuleSet([Self.rule("hours", .deny) { $0.hours = hours }])
        #expect(Self.judge("SELECT 1", set) == (holds ? "deny:hours" : "allow:"))
    }

    @Test(arguments: ["24:01", "8:00", "08:60", "", "08", "08:00:00", "-1:00", "aa:bb"])
    func `a time of day that is none is refused`(_ text: String) { #expect(RuleHours.minutes(text) == nil) }

    @Test(arguments: [
        ("a", "a", true), ("a", "b", false), ("*", "", true), ("a*", "abc", true), ("*c", "abc", true),
        ("a*c", "abc", true), ("a*c", "ac", true), ("ab*bc", "abc", false), ("*b*", "abc", true), ("a**c", "abc", true),
        ("*a*a*a*", "aa", false), ("a*b*c", "aXbYc", true),
    ])
    func `a star in a name stands for anything`(_ pattern: String, _ name: String, _ fits: Bool) {
        #expect(Wildcard(pattern).matches(name) == fits)
    }

    @Test func `ten thousand rules decide as each alone would`() {
        let many = (0..<10_000).map { number in
            Self.rule("r\(number)", .deny) { $0.tables = [TablePattern("t\(number)")] }
        }
        let rules = CallerRules(RuleSet(many), for: Self.alice, on: "orders")
        let facts = SQLParser.facts(of: Array("SELECT 1 FROM t9999, x, t5000".utf8).span)
        guard case .deny(let rule?, _) = rules.judge(facts, at: 0) else {
            Issue.record("it was let through")
            return
        }
        #expect(rule.name == "r5000")
    }
}
