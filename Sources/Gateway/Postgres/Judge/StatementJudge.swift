import Adapters
import Protocols
import Synchronization

/// Judges statements by their texts for one caller on one target, and remembers texts that it has read.
final class StatementJudge: Sendable {
    /// A text that was read, whoever sent it.
    final class Reading: Sendable {
        let facts: SQLFacts
        /// What the rules of that generation say of it; `nil` when that changes with time.
        let judgement: Judgement?
        let generation: Int
        /// The usual case, told without a copy of a judgement.
        let isAllowed: Bool
        /// Names of prepared statements that it makes or takes away.
        let forgets: Forgetting?
        /// When it may change how texts are read.
        let disturbance: PostgresTextReading.Disturbance
        /// What was said last, where that changes with time, or since rules were replaced.
        let latest = Mutex<Ruling?>(nil)

        init(_ facts: SQLFacts, _ judgement: Judgement?, generation: Int) {
            self.facts = facts
            self.judgement = judgement
            self.generation = generation
            isAllowed = if case .allow = judgement { true } else { false }
            forgets = Forgetting(facts)
            disturbance = PostgresTextReading.Disturbance(facts)
        }

        var isUnparsable: Bool {
            facts.statements.contains { if case .unparsable = $0.blindness { true } else { false } }
        }
    }

    /// What the rules of a generation say in one minute; without hours, at any time.
    struct Ruling: Sendable {
        let judgement: Judgement
        let generation: Int
        let minute: Int?
    }

    let rules: CallerRules
    private let generation: Int
    private let now: @Sendable () -> Int64
    private let readings = Mutex(ReadingCache())

    init(_ rules: CallerRules, generation: Int, now: @escaping @Sendable () -> Int64) {
        self.rules = rules
        self.generation = generation
        self.now = now
    }

    /// Nothing is ever refused or asked: statements need not be read.
    var allowsEverything: Bool { rules.allowsEverything }

    func judge(_ facts: SQLFacts) -> Judgement { rules.judge(facts, at: now()) }

    /// Whether the rules of this generation are known to allow it at any time.
    func surelyAllows(_ reading: Reading) -> Bool { reading.isAllowed && reading.generation == generation }

    func judge(_ reading: Reading) -> Judgement {
        if reading.generation == generation, let judgement = reading.judgement { return judgement }
        let time = now()
        let minute = rules.isTimed ? RuleHours.minute(of: time) : nil
        return reading.latest.withLock { latest in
            if let latest, latest.generation == generation, latest.minute == minute { return latest.judgement }
            let judgement = rules.judge(reading.facts, at: time)
            latest = Ruling(judgement: judgement, generation: generation, minute: minute)
            return judgement
        }
    }

    /// Reads a text, or knows one of the same shape.
    func read(_ text: Span<UInt8>) -> Reading {
        guard text.count <= ReadingCache.keyLimit else { return parse(text) }
        return readings.withLock { cache in
            cache.makeKey(of: text)
            if let known = cache.reading { return known }
            let reading = parse(text)
            // A value can be what cannot be parsed (`ALTER INDEX i ALTER COLUMN 0 …`); others of its shape may well be.
            if !reading.isUnparsable { cache.keep(reading) }
            return reading
        }
    }

    private func parse(_ text: Span<UInt8>) -> Reading { reading(of: SQLParser.facts(of: text)) }

    /// For what is not a text.
    func reading(of facts: SQLFacts) -> Reading {
        Reading(facts, rules.isTimed ? nil : judge(facts), generation: generation)
    }
}

/// What was read of the texts that came last, by their shapes. Two halves: when the young one is full it becomes the old
/// one, and what nobody asked for meanwhile is gone.
private struct ReadingCache {
    /// Longer texts are not kept; bytes.
    static let keyLimit = 4 << 10
    /// Texts in each half, and their bytes.
    private static let countLimit = 2_048
    private static let byteLimit = 1 << 20

    private var young: [[UInt8]: StatementJudge.Reading] = [:]
    private var old: [[UInt8]: StatementJudge.Reading] = [:]
    private var youngBytes = 0
    /// The text that is looked for. Kept, so that looking allocates nothing.
    private var key: [UInt8] = []

    mutating func makeKey(of text: Span<UInt8>) {
        key.removeAll(keepingCapacity: true)
        key.append(1)
        if !SQLShape.append(of: text, to: &key) {
            key.removeAll(keepingCapacity: true)
            key.append(0)
            key.append(text)
        }
    }

    var reading: StatementJudge.Reading? {
        mutating get {
            if let reading = young[key] { return reading }
            guard let reading = old[key] else { return nil }
            keep(reading)
            return reading
        }
    }

    mutating func keep(_ reading: StatementJudge.Reading) {
        if young.count >= Self.countLimit || youngBytes >= Self.byteLimit {
            old = exchange(&young, with: [:])
            youngBytes = 0
        }
        young[Array(key[...])] = reading
        youngBytes += key.count
    }
}
