/// Where in the client's stream a request stands.
struct PostgresAsked: Sendable, Equatable {
    var start: Timestamp
    var range: Range<UInt64>
    /// Of the messages within the range that belong to the request.
    var byteCount: UInt64

    init(start: Timestamp, range: Range<UInt64>) {
        self.start = start
        self.range = range
        byteCount = range.upperBound - range.lowerBound
    }

    /// Together with a later one.
    func joined(_ later: PostgresAsked) -> PostgresAsked {
        let end = max(range.upperBound, later.range.upperBound)
        var joined = PostgresAsked(start: start, range: range.lowerBound..<end)
        joined.byteCount = byteCount &+ later.byteCount
        return joined
    }
}

/// One column of a result.
struct PostgresColumnFacts: Sendable, Equatable {
    var name: String
    var type: UInt32
}

/// A prepared statement as its Parse made it.
struct PostgresStatement: Sendable {
    /// Tells this statement from others of the same name.
    var id: UInt64
    var name: String
    var sql: String
    var parameterTypes: [UInt32]
    var columns: [PostgresColumnFacts] = []
    /// Its Parse, until the server has answered it, or a Bind before that has made it part of a statement's event.
    var asked: PostgresAsked?

    /// Roughly, what it holds in memory.
    var cost: Int { 200 + sql.utf8.count + name.utf8.count + 4 * parameterTypes.count + 40 * columns.count }
}

/// The value of one parameter: its beginning, decoded when the statement is told.
struct PostgresParameter: Sendable {
    /// `nil` for NULL.
    var bytes: [UInt8]?
    var total: Int
    var format: PostgresFormat
}

/// A portal as its Bind made it.
struct PostgresPortal: Sendable {
    var name: String
    var statement: PostgresStatement
    var parameters: [PostgresParameter] = []
    /// Parameters that came after those kept.
    var parametersLeftOut = 0
    var resultFormats: [PostgresFormat] = []
    /// Its Bind, and the Parse before it, until the server has answered or an Execute before that has taken them.
    var asked: PostgresAsked?
    var wasExecuted = false

    var cost: Int { parameters.reduce(300) { $0 + 48 + ($1.bytes?.count ?? 0) } }
}

/// Named things of a connection, so many and so big at most; the oldest are forgotten first.
struct PostgresNames<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var cost: Int
        /// When it was set; higher is later.
        var age: UInt64
    }

    private var entries: [String: Entry] = [:]
    /// Roughly, what all of them hold in memory.
    private(set) var cost = 0
    private var clock: UInt64 = 0
    private let countMaximum: Int
    private let costMaximum: Int

    init(countMaximum: Int, costMaximum: Int) {
        self.countMaximum = countMaximum
        self.costMaximum = costMaximum
    }

    subscript(name: String) -> Value? { entries[name]?.value }

    var all: [(name: String, value: Value)] {
        entries.sorted { $0.value.age < $1.value.age }.map { ($0.key, $0.value.value) }
    }

    mutating func set(_ name: String, _ value: Value, cost: Int) {
        remove(name)
        clock += 1
        entries[name] = Entry(value: value, cost: cost, age: clock)
        self.cost += cost
        if entries.count > countMaximum || self.cost > costMaximum { forgetOldest() }
    }

    mutating func remove(_ name: String) {
        if let entry = entries.removeValue(forKey: name) { cost -= entry.cost }
    }

    mutating func change(_ name: String, _ body: (inout Value) -> Void) {
        guard let place = entries.index(forKey: name) else { return }
        body(&entries.values[place].value)
    }

    /// Forgets a quarter at once, so that the search for the oldest is rare.
    private mutating func forgetOldest() {
        for (name, entry) in entries.sorted(by: { $0.value.age < $1.value.age }) {
            guard entries.count > countMaximum * 3 / 4 || cost > costMaximum / 4 * 3 else { return }
            guard entries.count > 1 else { return }
            entries[name] = nil
            cost -= entry.cost
        }
    }
}
