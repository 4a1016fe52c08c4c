public import Protocols

/// The rules that concern one caller on one target, indexed by the names that they hold, so that a statement is compared
/// with few of them.
///
/// A statement falls apart into what it does: each kind of access to each table, each function, each setting. For each part
/// the first rule that fits decides, in the order in which they are written; where none does, the standard. The statement
/// gets the strictest of these judgements.
public struct CallerRules: Sendable {
    private let rules: [Rule]
    private var index = RuleIndex()
    /// Those that may decide about HTTP requests.
    private let requestRules: [Rule]
    private(set) var requestIndex = RequestIndex()
    /// No request is ever refused or asked.
    public let allowsEveryRequest: Bool
    /// Whether what a body asks for makes a difference.
    public let readsCalls: Bool
    let standard: RuleSet.Standard
    /// A judgement may change with time.
    public let isTimed: Bool

    public init(_ set: RuleSet, for identity: Identity, on target: String) {
        let concerned = set.rules.filter { $0.concerns(identity, on: target) }
        rules = concerned.filter { $0.requests == nil }
        requestRules = concerned.filter { !$0.isAboutStatements }
        standard = set.standard
        isTimed = concerned.contains { $0.hours != nil }
        allowsEveryRequest = set.standard == .allow && requestRules.allSatisfy { $0.action == .allow }
        readsCalls = !allowsEveryRequest && requestRules.contains { $0.requests?.isAboutCalls ?? false }
        for (place, rule) in rules.enumerated() { index.enter(rule, place) }
        for (place, rule) in requestRules.enumerated() { requestIndex.enter(rule, place) }
    }

    /// Nothing is ever refused or asked: statements need not be read.
    public var allowsEverything: Bool { standard == .allow && rules.allSatisfy { $0.action == .allow } }

    /// - Parameter wallNanoseconds: now, since 1970.
    public func judge(_ facts: SQLFacts, at wallNanoseconds: Int64) -> Judgement {
        var result = Judgement.allow(nil)
        for statement in facts.statements {
            result = result.stricter(judge(statement, wallNanoseconds))
        }
        return result
    }

    private func judge(_ statement: SQLStatement, _ time: Int64) -> Judgement {
        var result = Judgement.allow(nil)
        if let reason = statement.blindness {
            let rule = first(index.placesForUnseen, time) { $0.fitsUnseen(statement) }
            result = judgement(rule, .unseen(reason), isHarmless: false)
        }
        for access in statement.accesses {
            let rule = first(index.places(for: access, of: statement), time) { $0.fits(access, of: statement) }
            result = result.stricter(judgement(rule, .access(access), isHarmless: access.isHarmless))
        }
        for function in statement.functions {
            let rule = first(index.places(forFunction: function.name), time) { $0.fits(function, of: statement) }
            let isHarmless = SQLFunctions.isHarmless(function)
            result = result.stricter(judgement(rule, .function(function), isHarmless: isHarmless))
        }
        if index.hasFunctions {
            for name in statement.columns {
                let rule = first(index.places(forFunction: name), time) { $0.fits(attribute: name, of: statement) }
                result = result.stricter(judgement(rule, .function(SQLName(name)), isHarmless: true))
            }
        }
        for setting in statement.settings {
            let rule = first(index.places(forSetting: setting), time) { $0.fits(setting: setting) }
            let isHarmless = SQLStatement.isHarmless(setting: setting)
            result = result.stricter(judgement(rule, .setting(setting), isHarmless: isHarmless))
        }
        return result
    }

    func judgement(_ rule: Rule?, _ cause: Judgement.Cause, isHarmless: Bool) -> Judgement {
        switch rule?.action {
        case .deny: .deny(rule, cause)
        case .ask: rule.map { .ask($0, cause) } ?? .deny(nil, cause)
        case .allow: .allow(rule)
        case nil: standard == .allow || isHarmless ? .allow(nil) : .deny(nil, cause)
        }
    }

    private func first(_ places: [Int], _ time: Int64, where fits: (Rule) -> Bool) -> Rule? {
        for place in places where isOn(rules[place], time) && fits(rules[place]) { return rules[place] }
        return nil
    }

    /// The first of the rules about requests that fits, of those at `places`.
    func firstRequestRule(_ places: [Int], _ time: Int64, where fits: (Rule) -> Bool) -> Rule? {
        for place in places where isOn(requestRules[place], time) && fits(requestRules[place]) {
            return requestRules[place]
        }
        return nil
    }

    private func isOn(_ rule: Rule, _ time: Int64) -> Bool { rule.hours?.contains(time) ?? true }
}

extension Judgement {
    /// Denying is stricter than asking, asking than allowing; of equals, the one that came first.
    func stricter(_ other: Judgement) -> Judgement {
        if case .allow(nil) = self, other.strictness == 0 { return other }
        return other.strictness > strictness ? other : self
    }

    private var strictness: Int {
        switch self {
        case .allow: 0
        case .ask: 1
        case .deny: 2
        }
    }
}

extension SQLAccess {
    /// Allowed even where the standard is to deny: it reaches no table, or what it reaches is judged by itself.
    var isHarmless: Bool {
        guard table == nil else { return false }
        switch kind {
        case .select, .transaction, .show, .set, .fetch, .close, .deallocate, .declare, .explain, .prepare, .call:
            return true
        default: return false
        }
    }
}

extension SQLStatement {
    /// Settings that belong to the transaction alone.
    static func isHarmless(setting name: String) -> Bool {
        name == "TRANSACTION" || name == "SESSION CHARACTERISTICS"
    }
}
