import Protocols

/// Rules by what they name, so that a statement is compared with few of them: with all that may fit it, and hardly any
/// other. A rule is told by its place among all of them; each answer is in the order of the places, in which rules decide.
struct RuleIndex: Sendable {
    /// Rules about accesses: by their tables; where they name none, by their columns; where none either, by their kinds.
    private var byTable = NameIndex()
    private var byColumn = NameIndex()
    private var byKind = KindIndex()
    /// Rules about accesses that may fit where no table is named, without columns and with them.
    private var broad = KindIndex()
    private var broadByColumn = NameIndex()
    private var byFunction = NameIndex()
    private var bySetting = NameIndex()
    private var unseen: [Int] = []

    mutating func enter(_ rule: Rule, _ place: Int) {
        if rule.functions.isEmpty, rule.settings.isEmpty { enterAccess(rule, place) }
        if !rule.functions.isEmpty {
            byFunction.enter(rule.functions.map(\.name), place)
        } else if rule.coversEverything {
            byFunction.enterForAll(place)
        }
        if !rule.settings.isEmpty {
            bySetting.enter(rule.settings, place)
        } else if rule.coversEverything || rule.isOnlyAboutKinds {
            bySetting.enterForAll(place)
        }
        if rule.action != .allow || rule.coversEverything || rule.isOnlyAboutKinds { unseen.append(place) }
    }

    private mutating func enterAccess(_ rule: Rule, _ place: Int) {
        if !rule.tables.isEmpty {
            byTable.enter(rule.tables.map(\.name), place)
        } else if !rule.columns.isEmpty {
            byColumn.enter(rule.columns, place)
        } else {
            byKind.enter(rule.statements, place)
        }
        guard rule.action != .allow || rule.tables.isEmpty else { return }
        if rule.columns.isEmpty {
            broad.enter(rule.statements, place)
        } else {
            broadByColumn.enter(rule.columns, place)
        }
    }

    // MARK: Looking up

    func places(for access: SQLAccess, of statement: SQLStatement) -> [Int] {
        var found: [Int] = []
        if access.isBroad {
            broad.collect(access.kind, &found)
            Self.collect(broadByColumn, statement, &found)
        } else {
            byKind.collect(access.kind, &found)
            Self.collect(byColumn, statement, &found)
        }
        if let table = access.table { byTable.collect(table.name, &found) }
        return Self.inOrder(found)
    }

    func places(forFunction name: String) -> [Int] { byFunction.places(name) }

    func places(forSetting name: String) -> [Int] {
        name == SQLStatement.anySetting ? bySetting.all : bySetting.places(name)
    }

    var placesForUnseen: [Int] { unseen }

    /// No rule names a function or concerns all of them.
    var hasFunctions: Bool { !byFunction.isEmpty }

    /// Rules about columns. One that fits names a column of the statement, or the statement may use any, or uses none.
    private static func collect(_ index: NameIndex, _ statement: SQLStatement, _ found: inout [Int]) {
        if statement.usesAllColumns || statement.columns.isEmpty {
            found += index.all
        } else {
            for column in statement.columns { index.collect(column, &found) }
        }
    }

    fileprivate static func inOrder(_ places: [Int]) -> [Int] { places.count < 2 ? places : Set(places).sorted() }
}

/// Places of rules by the kinds of statements that they name.
private struct KindIndex: Sendable {
    private var any: [Int] = []
    private var byKind: [SQLKind: [Int]] = [:]

    /// - Parameter kinds: empty for every kind.
    mutating func enter(_ kinds: Set<SQLKind>, _ place: Int) {
        if kinds.isEmpty { any.append(place) }
        for kind in kinds { byKind[kind, default: []].append(place) }
    }

    func collect(_ kind: SQLKind, _ found: inout [Int]) {
        found += any
        if let named = byKind[kind] { found += named }
    }
}

/// Places of rules by names that they hold, with `*` or without.
struct NameIndex: Sendable {
    private(set) var all: [Int] = []
    private var forAll: [Int] = []
    private var byName: [String: [Int]] = [:]
    /// By what stands before the first `*`.
    private var byPrefix: [[UInt8]: [Int]] = [:]
    /// How long the prefixes are, ascending.
    private var prefixLengths: [Int] = []

    var isEmpty: Bool { all.isEmpty }

    /// One of these names is enough.
    mutating func enter(_ patterns: [Wildcard], _ place: Int) {
        all.append(place)
        for pattern in patterns {
            if let name = pattern.name {
                byName[name, default: []].append(place)
            } else {
                byPrefix[pattern.prefix, default: []].append(place)
                let length = pattern.prefix.count
                let next = prefixLengths.firstIndex { $0 >= length } ?? prefixLengths.count
                if next == prefixLengths.count || prefixLengths[next] != length {
                    prefixLengths.insert(length, at: next)
                }
            }
        }
    }

    /// It fits every name.
    mutating func enterForAll(_ place: Int) {
        all.append(place)
        forAll.append(place)
    }

    func places(_ name: String) -> [Int] {
        var found: [Int] = []
        collect(name, &found)
        return RuleIndex.inOrder(found)
    }

    /// All that may fit this name: a superset, in no order, with repetitions.
    func collect(_ name: String, _ found: inout [Int]) {
        found += forAll
        if let places = byName[name] { found += places }
        guard !prefixLengths.isEmpty else { return }
        let bytes = Array(name.utf8)
        for length in prefixLengths {
            guard length <= bytes.count else { return }
            if let places = byPrefix[Array(bytes[..<length])] { found += places }
        }
    }
}
