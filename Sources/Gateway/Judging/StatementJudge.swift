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
        /// Whether there is one, and whether it allows: told without a copy of it.
        let isJudged: Bool
        let isAllowed: Bool
        /// Names of prepared statements that it makes or takes away.
        let forgets: Forgetting?
        /// When it may change how texts are read.
        let disturbance: TextDisturbance
        /// What was said last, where that changes with time, or since rules were replaced.
        let latest = Mutex<Ruling?>(nil)

        init(_ facts: SQLFacts, _ judgement: Judgement?, generation: Int) {
            self.facts = facts
            self.judgement = judgement
            self.generation = generation
            isJudged = judgement != nil
            isAllowed = if case .allow = judgement { true } else { false }
            forgets = Forgetting(facts)
            disturbance = TextDisturbance(facts)
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
        let isAllowed: Bool

        init(_ judgement: Judgement, generation: Int, minute: Int?) {
            self.judgement = judgement
            self.generation = generation
            self.minute = minute
            isAllowed = if case .allow = judgement { true } else { false }
        }

        func isIn(_ generation: Int, _ minute: Int?) -> Bool { self.generation == generation && self.minute == minute }
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

    /// Whether the rules of this generation are known to allow it, now.
    func surelyAllows(_ reading: Reading) -> Bool {
        if reading.generation == generation, reading.isJudged { return reading.isAllowed }
        let minute = minute(of: now())
        return reading.latest.withLock { $0?.isAllowed == true && $0?.isIn(generation, minute) == true }
    }

    func judge(_ reading: Reading) -> Judgement {
        if reading.generation == generation, let judgement = reading.judgement { return judgement }
        let time = now()
        let minute = minute(of: time)
        if let latest = reading.latest.withLock({ $0 }), latest.isIn(generation, minute) { return latest.judgement }
        let judgement = rules.judge(reading.facts, at: time)
        reading.latest.withLock { $0 = Ruling(judgement, generation: generation, minute: minute) }
        return judgement
    }

    /// `nil` where it makes no difference.
    private func minute(of time: Int64) -> Int? { rules.isTimed ? RuleHours.minute(of: time) : nil }

    /// Reads a text, or knows one of the same shape. Others go on looking while a new text is parsed.
    func read(_ text: Span<UInt8>) -> Reading {
        guard text.count <= ReadingCache.keyLimit else { return parse(text) }
        if let known = readings.withLock({ $0.reading(of: text) }) { return known }
        let reading = parse(text)
        // A value can be what cannot be parsed (`ALTER INDEX i ALTER COLUMN 0 …`); others of its shape may well be.
        guard !reading.isUnparsable else { return reading }
        let standsForShape = Self.standsForShape(reading.facts, text)
        readings.withLock { $0.keep(reading, for: text, standsForShape: standsForShape) }
        return reading
    }

    /// Whether every text of this shape can be parsed and asks for the same. Not where the grammar bounds a number: `FETCH
    /// 3` is a statement, `FETCH 3000000000` none. The largest and the smallest number tell.
    private static func standsForShape(_ facts: SQLFacts, _ text: Span<UInt8>) -> Bool {
        var (smallest, largest): ([UInt8], [UInt8]) = ([], [])
        guard SQLShape.append(of: text, to: &smallest),
            SQLShape.append(of: text, to: &largest, number: Array("99999999999".utf8))
        else { return true }
        return SQLParser.facts(of: smallest.span) == facts
            && (largest == smallest || SQLParser.facts(of: largest.span) == facts)
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
    /// What is looked for. Kept, so that looking allocates nothing.
    private var key: [UInt8] = []

    mutating func reading(of text: Span<UInt8>) -> StatementJudge.Reading? {
        if makeKey(ofShape: text), let reading = find() { return reading }
        makeKey(of: text)
        return find()
    }

    /// - Parameter standsForShape: it counts for every text of the same shape; else for this very text.
    mutating func keep(_ reading: StatementJudge.Reading, for text: Span<UInt8>, standsForShape: Bool) {
        if !standsForShape || !makeKey(ofShape: text) { makeKey(of: text) }
        keep(reading)
    }

    /// - Returns: false where the text has no shape.
    private mutating func makeKey(ofShape text: Span<UInt8>) -> Bool {
        key.removeAll(keepingCapacity: true)
        key.append(1)
        return SQLShape.append(of: text, to: &key)
    }

    private mutating func makeKey(of text: Span<UInt8>) {
        key.removeAll(keepingCapacity: true)
        key.append(0)
        key.append(text)
    }

    private mutating func find() -> StatementJudge.Reading? {
        if let reading = young[key] { return reading }
        guard let reading = old[key] else { return nil }
        keep(reading)
        return reading
    }

    private mutating func keep(_ reading: StatementJudge.Reading) {
        if young.count >= Self.countLimit || youngBytes >= Self.byteLimit {
            old = exchange(&young, with: [:])
            youngBytes = 0
        }
        young[Array(key[...])] = reading
        youngBytes += key.count
    }
}
