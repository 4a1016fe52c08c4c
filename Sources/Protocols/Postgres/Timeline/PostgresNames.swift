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
        if let place = place(of: name) { return few[place].value }
        return others.isEmpty ? nil : others[name]?.value
    }

    /// From the oldest to the newest.
    var all: [Value] { byAge.map(\.value) }

    private var byAge: [Entry] { (few + others.values).sorted { $0.age < $1.age } }

    private var count: Int { few.count + others.count }

    /// Where it stands among the few.
    private func place(of name: String) -> Int? {
        for place in few.indices where few[place].name == name { return place }
        return nil
    }

    mutating func set(_ name: String, _ value: Value, cost: Int) {
        clock += 1
        self.cost += cost
        let entry = Entry(name: name, value: value, cost: cost, age: clock)
        if let place = place(of: name) {
            self.cost -= few[place].cost
            few[place] = entry
        } else if few.count < Self.fewMaximum, others.isEmpty || others[name] == nil {
            few.append(entry)
        } else {
            self.cost -= others.updateValue(entry, forKey: name)?.cost ?? 0
        }
        if count > countMaximum || self.cost > costMaximum { forgetOldest() }
    }

    mutating func remove(_ name: String) {
        if let place = place(of: name) {
            cost -= few.remove(at: place).cost
        } else if !others.isEmpty {
            cost -= others.removeValue(forKey: name)?.cost ?? 0
        }
    }

    mutating func change(_ name: String, _ body: (inout Value) -> Void) {
        if let place = place(of: name) {
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
