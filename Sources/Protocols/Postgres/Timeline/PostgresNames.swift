/// Named things of a connection, so many and so big at most; the oldest are forgotten first.
struct PostgresNames<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let name: String
        var value: Value
        let cost: Int
        /// When it was set; higher is later.
        let age: UInt64
    }

    /// So many are found faster by looking at each than by hashing.
    private static var fewMaximum: Int { 8 }

    /// What has the empty name, as most have; its cost and age.
    private var unnamed: Value?
    private var unnamedCost = 0
    private var unnamedAge: UInt64 = 0
    private var few: [Entry] = []
    private var others: [String: Entry] = [:]
    /// Roughly, what all of them hold in memory.
    private(set) var cost = 0
    private var clock: UInt64 = 0
    private let countMaximum: Int
    private let costMaximum: Int

    init(countMaximum: Int, costMaximum: Int) {
        self.countMaximum = countMaximum
        self.costMaximum = costMaximum
    }

    subscript(name: String) -> Value? {
        if name.isEmpty { return unnamed }
        if let place = place(of: name) { return few[place].value }
        return others.isEmpty ? nil : others[name]?.value
    }

    /// From the oldest to the newest.
    var all: [Value] { byAge.map(\.value) }

    private var byAge: [Entry] {
        var entries = few + others.values
        if let unnamed { entries.append(Entry(name: "", value: unnamed, cost: unnamedCost, age: unnamedAge)) }
        return entries.sorted { $0.age < $1.age }
    }

    private var count: Int { few.count + others.count + (unnamed == nil ? 0 : 1) }

    /// Where it stands among the few.
    private func place(of name: String) -> Int? {
        for place in few.indices where few[place].name == name { return place }
        return nil
    }

    /// Returns what stood under the name.
    @discardableResult
    mutating func set(_ name: String, _ value: Value, cost: Int) -> Value? {
        clock += 1
        self.cost += cost
        let before = name.isEmpty ? setUnnamed(value, cost) : setNamed(name, value, cost)
        if count > countMaximum || self.cost > costMaximum { forgetOldest() }
        return before
    }

    private mutating func setUnnamed(_ value: Value, _ cost: Int) -> Value? {
        self.cost -= exchange(&unnamedCost, with: cost)
        unnamedAge = clock
        return exchange(&unnamed, with: value)
    }

    private mutating func setNamed(_ name: String, _ value: Value, _ cost: Int) -> Value? {
        let entry = Entry(name: name, value: value, cost: cost, age: clock)
        var before: Entry?
        if let place = place(of: name) {
            before = exchange(&few[place], with: entry)
        } else if few.count < Self.fewMaximum, others.isEmpty || others[name] == nil {
            few.append(entry)
        } else {
            before = others.updateValue(entry, forKey: name)
        }
        self.cost -= before?.cost ?? 0
        return before?.value
    }

    /// Returns what stood under the name.
    @discardableResult
    mutating func remove(_ name: String) -> Value? {
        guard !name.isEmpty else {
            cost -= exchange(&unnamedCost, with: 0)
            return exchange(&unnamed, with: nil)
        }
        let place = place(of: name)
        let before = place.map { few.remove(at: $0) } ?? (others.isEmpty ? nil : others.removeValue(forKey: name))
        cost -= before?.cost ?? 0
        return before?.value
    }

    @inline(__always)
    mutating func change(_ name: String, _ body: (inout Value) -> Void) {
        if name.isEmpty {
            if unnamed != nil { body(&unnamed!) }
        } else if let place = place(of: name) {
            body(&few[place].value)
        } else if let place = others.index(forKey: name) {
            body(&others.values[place].value)
        }
    }

    /// Forgets a quarter at once, so that the search for the oldest is rare.
    private mutating func forgetOldest() {
        for entry in byAge {
            guard count > countMaximum * 3 / 4 || cost > costMaximum / 4 * 3, count > 1 else { return }
            remove(entry.name)
        }
    }
}
