/// Reads the facts out of a parse tree of PostgreSQL's own grammar, in the JSON form of libpg_query 15.
///
/// In that form a node is `{"Type": {…}}`, except where the grammar's C struct fixes the type of a member; a member that is
/// false, zero or empty is left out. What has no rule of its own here is walked through, so nothing nested is missed.
public struct SQLTree: Sendable {
    var statement: SQLStatement
    /// What the statement's tables may be called in it: by such a name alone, a whole row is meant.
    var rowNames: Set<String> = []
    /// Columns that were read so far; a count.
    var columnReferences = 0

    private init(_ kind: SQLKind) { statement = SQLStatement(kind) }

    /// - Parameter tree: what `pg_query_parse` made.
    /// - Returns: `nil` when it is not of the known form.
    public static func facts(in tree: JSON) -> SQLFacts? {
        guard let nodes = tree["stmts"]?.array ?? (tree["stmts"] == nil ? [] : nil) else { return nil }
        var facts = SQLFacts([])
        for node in nodes {
            guard case .object(let members)? = node["stmt"], let (type, content) = members.first else { return nil }
            var tree = SQLTree(SQLKind(nodeType: type, content))
            tree.walk(type, content, SQLScope(tree.statement.kind))
            facts.statements.append(tree.finished())
        }
        return facts
    }

    private func finished() -> SQLStatement {
        var statement = statement
        if !statement.accesses.contains(where: { $0.kind == statement.kind }) {
            statement.accesses.append(SQLAccess(statement.kind, isBroad: statement.kind.isDefinition))
        }
        // A JSON object has no order; facts of one text are to be equal.
        statement.accesses.sort { $0.order < $1.order }
        statement.functions.sort { $0.description < $1.description }
        if !statement.columns.isDisjoint(with: rowNames) { statement.usesAllColumns = true }
        return statement
    }

    // MARK: Walking

    /// Anything: a node, a list, a struct of a fixed type.
    mutating func walk(_ value: JSON, _ scope: SQLScope) {
        switch value {
        case .array(let elements):
            for element in elements { walk(element, scope) }
        case .object(let members):
            if members.count == 1, let (type, content) = members.first, type.isNodeType {
                walk(type, content, scope)
            } else if value["relname"] != nil {
                table(value, scope)
            } else {
                walkMembers(members, scope)
            }
        case .null, .bool, .integer, .double, .string: break
        }
    }

    /// The members of a node or a struct. Those whose C type is fixed are not wrapped in a node.
    mutating func walkMembers(_ members: [String: JSON], _ scope: SQLScope, except skipped: Set<String> = []) {
        for (name, member) in members where !skipped.contains(name) {
            switch name {
            case "larg", "rarg": walk("SelectStmt", member, scope)
            case "funcname": function(member)
            case "indirection": indirection(member, scope)
            default: walk(member, scope)
            }
        }
    }

    // MARK: What is met

    mutating func access(_ access: SQLAccess) {
        if !statement.accesses.contains(access) { statement.accesses.append(access) }
    }

    mutating func blind(_ reason: SQLBlindness) { statement.blindness = statement.blindness ?? reason }

    /// A table where it is read, or where a command of the scope's kind names it.
    mutating func table(_ range: JSON, _ scope: SQLScope) {
        guard let name = SQLName(range) else { return }
        if scope.kind == .select, name.schema == nil, scope.hasCTE(name.name) { return }
        rowNames.insert(name.name)
        alias(range["alias"])
        access(SQLAccess(scope.kind, name))
        if !scope.kind.namesColumns { statement.usesAllColumns = true }
    }

    /// An alias that renames columns hides which are meant.
    mutating func alias(_ alias: JSON?) {
        guard let alias else { return }
        if let name = alias["aliasname"]?.string { rowNames.insert(name) }
        if alias["colnames"] != nil { statement.usesAllColumns = true }
    }

    mutating func column(_ fields: JSON?) {
        columnReferences += 1
        guard let last = fields?.array?.last else { return }
        if let name = last.sqlString { statement.columns.insert(name) } else { statement.usesAllColumns = true }
    }

    /// `(row).column`, `(row).*` and subscripts.
    private mutating func indirection(_ steps: JSON, _ scope: SQLScope) {
        for step in steps.array ?? [] {
            if let name = step.sqlString {
                statement.columns.insert(name)
            } else if step["A_Star"] != nil {
                statement.usesAllColumns = true
            } else {
                walk(step, scope)
            }
        }
    }

    mutating func function(_ names: JSON?) {
        guard let name = SQLName(list: names) else { return }
        if !statement.functions.contains(name) { statement.functions.append(name) }
        if name.name == "set_config" { statement.settings.append(SQLStatement.anySetting) }
        if SQLFunctions.readsCode(name.name) { blind(.function(name.name)) }
    }
}

extension SQLAccess {
    fileprivate var order: String { "\(kind.rawValue) \(table?.description ?? "")" }
}

/// Where a part of a statement stands: what its tables are for, and which names stand for queries of a WITH.
struct SQLScope: Sendable {
    var kind: SQLKind
    private var ctes: [String] = []

    init(_ kind: SQLKind) { self.kind = kind }

    func hasCTE(_ name: String) -> Bool { ctes.contains(name) }

    func with(_ names: [String]) -> SQLScope {
        var scope = self
        scope.ctes += names
        return scope
    }

    func with(_ kind: SQLKind) -> SQLScope {
        var scope = self
        scope.kind = kind
        return scope
    }
}

extension SQLKind {
    /// Where such a statement concerns columns, it names them, or says `*`.
    fileprivate var namesColumns: Bool {
        switch self {
        case .select, .insert, .update, .delete, .merge, .lock, .maintain: true
        default: false
        }
    }

    var isDefinition: Bool { self == .create || self == .alter || self == .drop || self == .grant }
}

extension String {
    /// Node types begin with a capital; members do not.
    fileprivate var isNodeType: Bool { utf8.first.map { (0x41...0x5A).contains($0) } ?? false }
}

extension JSON {
    /// A `String` node's text.
    var sqlString: String? { self["String"]?["sval"]?.string }

    subscript(_ first: String, _ second: String) -> JSON? { self[first]?[second] }
}

extension SQLName {
    /// A RangeVar.
    init?(_ range: JSON) {
        guard let name = range["relname"]?.string else { return nil }
        self.init(name, schema: range["schemaname"]?.string)
    }

    /// A list of String nodes: name, schema and name, or database, schema and name.
    init?(list: JSON?) {
        guard let parts = list?.array?.map(\.sqlString), let last = parts.last, let name = last else { return nil }
        self.init(name, schema: parts.count > 1 ? parts[parts.count - 2] : nil)
    }
}
