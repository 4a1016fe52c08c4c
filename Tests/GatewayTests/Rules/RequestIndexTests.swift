import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// The index finds the rules about requests that a walk through all of them finds.
@Suite struct RequestIndexTests {
    private static let alice = Identity(subject: "alice", groups: [], method: "jwt")

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the index decides as a walk through all rules does`(_ seed: UInt64) {
        var source = RequestSource(seed: seed)
        for _ in 0..<60 {
            let set = source.set()
            let indexed = CallerRules(set, for: Self.alice, on: "files")
            let walk = RequestWalk(set: set, rules: indexed)
            for _ in 0..<25 {
                let facts = source.facts()
                let time = Int64(source.next(2)) * 12 * 3_600_000_000_000
                #expect(
                    indexed.judge(facts, at: time) == walk.judge(facts, time), "seed \(seed): \(facts) under \(set)")
                let tool = source.tool()
                #expect(
                    indexed.hides(tool: tool, of: facts, at: time) == walk.hides(tool, facts, time),
                    "seed \(seed): \(tool) in \(facts) under \(set)")
            }
        }
    }

    @Test func `a request is compared with the rules that may fit it`() {
        var index = RequestIndex()
        for number in 0..<10_000 {
            var rule = Rule("r\(number)", number % 2 == 0 ? .deny : .allow)
            var pattern = RequestPattern()
            switch number % 5 {
            case 0: pattern.paths = [PathPattern("/P\(number)/*"), PathPattern("/q\(number)")]
            case 1: pattern.tools = [Wildcard("t\(number)")]
            case 2: pattern.tools = [Wildcard("export_\(number)_*")]
            case 3: pattern.rpc = [Wildcard("m\(number)")]
            default: pattern.methods = ["M\(number)"]
            }
            rule.requests = pattern
            index.enter(rule, number)
        }
        #expect(index.places(for: RequestFacts("GET", "/p5/x")) == [5])
        #expect(index.places(for: RequestFacts("m4", "/Q10/")) == [4, 10])
        #expect(index.places(for: RequestFacts("GET", "/")).isEmpty)
        let root = RequestFacts("POST", "/")
        #expect(index.places(for: .tool("T6"), of: root) == [6])
        #expect(index.places(for: .tool("export_7_x"), of: root) == [7])
        #expect(index.places(for: RPCCall("M8"), of: root) == [8])
        // Those about calls that deny or ask concern what is not seen.
        #expect(index.places(forUnseen: RequestFacts("M9", "/q15")).count == 3_002)
    }
}

/// Rules held against a request one after the other.
private struct RequestWalk {
    let set: RuleSet
    /// For what rules amount to; not for which of them fit.
    let rules: CallerRules

    func judge(_ facts: RequestFacts, _ time: Int64) -> Judgement {
        switch facts.content {
        case .none:
            return rules.judgement(first(time) { $0.fits(facts) }, .request(facts.title), isHarmless: false)
        case .unseen(let reason):
            return rules.judgement(first(time) { $0.fitsUnseen(facts) }, .unseenRequest(reason), isHarmless: false)
        case .calls([], _):
            return rules.judgement(first(time) { $0.fits(facts) }, .request(facts.title), isHarmless: true)
        case .calls(let calls, _):
            return calls.reduce(.allow(nil)) { result, call in
                let rule = first(time) { $0.fits(call, of: facts) }
                return result.stricter(rules.judgement(rule, .call(call), isHarmless: call.isHarmless))
            }
        }
    }

    func hides(_ tool: String, _ facts: RequestFacts, _ time: Int64) -> Bool {
        let rule = first(time) { $0.decidesName(of: .tool(tool), of: facts) }
        return rule.map { $0.action == .deny } ?? (set.standard == .deny)
    }

    private func first(_ time: Int64, _ fits: (Rule) -> Bool) -> Rule? {
        set.rules.first { !$0.isAboutStatements && ($0.hours?.contains(time) ?? true) && fits($0) }
    }
}

/// Rules and requests of few words, so that they meet. Some of them differ in case alone, or become others in another case.
private struct RequestSource {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    private static let methods = ["GET", "get", "POST", "DELETE", "*"]
    private static let paths = [
        "/", "/a", "/a/", "/A/b", "/a/b/", "/ab", "/%C3%A9", "/%C3%89", "/stra%C3%9Fe", "/STRASSE", "/%E2%84%AA",
        "/%CE%A3", "/a//b", "/a/../b", "*", "/a?b",
    ]
    private static let pathPatterns = [
        "/", "/a", "/A", "/a/*", "/A*", "*", "/*b", "/a*b", "/é", "/É*", "/straße", "/k", "/σ*", "/a/b",
    ]
    private static let names = ["a", "A", "ab", "aB", "b", "é", "É", "a b", "K", "ping", "tools/call", "ς", ""]
    private static let patterns = names + ["*", "a*", "A*", "*b", "a*B", "k", "σ", "tools/*"]

    mutating func next(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    private mutating func some(of words: [String], in count: Int = 2) -> [String] {
        (0..<max(0, next(count + 3) - 2)).map { _ in words[next(words.count)] }
    }

    mutating func set() -> RuleSet {
        RuleSet((0..<(1 + next(12))).map { rule("r\($0)") }, standard: next(2) == 0 ? .allow : .deny)
    }

    private mutating func rule(_ name: String) -> Rule {
        var rule = Rule(name, Rule.Action.allCases[next(3)])
        if next(4) == 0 { rule.hours = RuleHours(start: 9 * 60, end: 17 * 60) }
        switch next(10) {
        case 0: return rule
        case 1: rule.statements = [.select]
        default: rule.requests = pattern()
        }
        return rule
    }

    private mutating func pattern() -> RequestPattern {
        var pattern = RequestPattern()
        pattern.methods = Set(some(of: Self.methods))
        pattern.paths = some(of: Self.pathPatterns).map { PathPattern($0) }
        pattern.rpc = some(of: Self.patterns).map { Wildcard($0) }
        pattern.tools = some(of: Self.patterns).map { Wildcard($0) }
        if next(5) == 0 { pattern.arguments = [ArgumentPattern("x", [["*", "1", "a*"][next(3)]])] }
        return pattern
    }

    mutating func facts() -> RequestFacts {
        var facts = RequestFacts(Self.methods[next(4)], Self.paths[next(Self.paths.count)])
        if next(6) == 0 { facts.methods.append(Self.methods[next(4)]) }
        if next(6) == 0 { facts.paths.append(RequestPath(Self.paths[next(Self.paths.count)])) }
        switch next(5) {
        case 0: break
        case 1: facts.content = .unseen(.encoded)
        default: facts.content = .calls((0..<next(4)).map { _ in call() }, isBatch: next(2) == 0)
        }
        return facts
    }

    mutating func tool() -> String { Self.names[next(Self.names.count)] }

    private mutating func call() -> RPCCall {
        guard next(3) > 0 else { return RPCCall(Self.names[next(Self.names.count)], id: 1) }
        let arguments: JSON = next(2) == 0 ? .object(["x": ["1", "ab", "B"][next(3)]]) : .object([:])
        return .tool(tool(), arguments, id: 1)
    }
}
