import Protocols
import Synchronization

/// The rules in force, for all connections. They can be replaced at any time; who asks next asks the new ones.
public final class RuleBook: Sendable {
    private struct State {
        var rules: RuleSet
        var generation = 0
        var judges: [Caller: StatementJudge] = [:]
    }

    private struct Caller: Hashable {
        var subject: String
        var groups: [String]
        var target: String
    }

    private let state: Mutex<State>
    private let generation = Atomic<Int>(0)
    /// Nanoseconds since 1970.
    let now: @Sendable () -> Int64

    /// Judges that are kept, each for one caller on one target; a count.
    private static let judgeLimit = 1_000

    /// - Parameter now: nanoseconds since 1970.
    public init(_ rules: RuleSet, now: @escaping @Sendable () -> Int64) {
        state = Mutex(State(rules: rules))
        self.now = now
    }

    /// Takes effect for every statement that is judged from now on, also for those that were prepared before.
    public func replace(_ rules: RuleSet) {
        state.withLock {
            $0 = State(rules: rules, generation: $0.generation + 1)
            generation.store($0.generation, ordering: .releasing)
        }
    }

    /// Grows with each replacement.
    var currentGeneration: Int { generation.load(ordering: .acquiring) }

    /// The rules that concern one caller on one target.
    func rules(for identity: Identity, on target: String) -> CallerRules { judge(for: identity, on: target).rules }

    /// As ``rules(for:on:)``, for statements.
    func judge(for identity: Identity, on target: String) -> StatementJudge {
        let caller = Caller(subject: identity.subject, groups: identity.groups, target: target)
        let (known, rules, generation) = state.withLock { ($0.judges[caller], $0.rules, $0.generation) }
        if let known { return known }
        // Nobody else has to wait while the rules of one caller are put together.
        let judge = StatementJudge(
            CallerRules(rules, for: identity, on: target), generation: generation, now: now)
        return state.withLock { state in
            guard state.generation == generation else { return judge }
            if let earlier = state.judges[caller] { return earlier }
            if state.judges.count >= Self.judgeLimit { state.judges.removeAll() }
            state.judges[caller] = judge
            return judge
        }
    }
}
