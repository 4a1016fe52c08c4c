// The nodes that mean something to the judge. Names of nodes and members are those of PostgreSQL's parsenodes.h.

extension SQLTree {
    mutating func walk(_ type: String, _ content: JSON, _ scope: SQLScope) {
        guard case .object(let members) = content else { return }
        switch type {
        case "SelectStmt": select(content, members, scope)
        case "InsertStmt": insert(content, scope)
        case "UpdateStmt": update(content, scope)
        case "DeleteStmt": delete(content, scope)
        case "MergeStmt": merge(content, scope)
        case "CopyStmt": copy(content, scope)
        case "RangeVar": table(content, scope)
        case "ColumnRef": column(content["fields"])
        case "JoinExpr": join(content, members, scope)
        case "IndexElem":
            if let name = content["name"]?.string { statement.columns.insert(name) }
            walkMembers(members, scope)
        // FOR UPDATE OF names what stands in FROM already.
        case "LockingClause": break
        default: walkCommand(type, content, members, scope)
        }
    }

    private mutating func walkCommand(_ type: String, _ content: JSON, _ members: [String: JSON], _ scope: SQLScope) {
        switch type {
        case "DropStmt": return drop(content)
        case "DoStmt": return blind(.codeInText(.do))
        case "ExecuteStmt": blind(.preparedElsewhere)
        case "LoadStmt": blind(.file)
        case "CreateExtensionStmt", "AlterExtensionStmt": blind(.codeInText(.create))
        case "CreateFunctionStmt" where content["sql_body"] == nil: blind(.codeInText(.create))
        case "PrepareStmt", "DeallocateStmt": statement.preparedName = content["name"]?.string ?? ""
        case "VariableSetStmt": statement.settings.append(content["name"]?.string ?? SQLStatement.anySetting)
        case "GrantStmt" where content["targtype"]?.string != "ACL_TARGET_OBJECT":
            access(SQLAccess(.grant, isBroad: true))
        default: break
        }
        walkMembers(members, scope)
    }

    // MARK: Queries

    private mutating func select(_ content: JSON, _ members: [String: JSON], _ scope: SQLScope) {
        let inner = common(content, scope.with(.select))
        if let into = content["intoClause"] { walk(into, inner.with(.create)) }
        walkMembers(members, inner, except: ["withClause", "intoClause"])
    }

    /// The queries of a WITH, and the scope in which their names stand for them. A query sees those before it; with
    /// RECURSIVE it sees all of them (manual, SELECT).
    private mutating func common(_ content: JSON, _ scope: SQLScope) -> SQLScope {
        guard let with = content["withClause"] else { return scope }
        let expressions = (with["ctes"]?.array ?? []).compactMap { $0["CommonTableExpr"] }
        var seen = scope
        if with["recursive"]?.bool == true { seen = scope.with(expressions.compactMap { $0["ctename"]?.string }) }
        for expression in expressions {
            if let query = expression["ctequery"] { walk(query, seen.with(.select)) }
            if let name = expression["ctename"]?.string { seen = seen.with([name]) }
        }
        return seen
    }

    private mutating func join(_ content: JSON, _ members: [String: JSON], _ scope: SQLScope) {
        if content["isNatural"]?.bool == true { statement.usesAllColumns = true }
        for column in content["usingClause"]?.array ?? [] {
            if let name = column.sqlString { statement.columns.insert(name) }
        }
        alias(content["alias"])
        walkMembers(members, scope, except: ["usingClause", "alias"])
    }

    // MARK: Changes

    private mutating func insert(_ content: JSON, _ scope: SQLScope) {
        guard let target = target(content) else { return }
        let inner = common(content, scope.with(.select))
        access(SQLAccess(.insert, target))
        assign(content["cols"], inner)
        if content["cols"] == nil, content["selectStmt"] != nil { statement.usesAllColumns = true }
        if let source = content["selectStmt"] { walk(source, inner) }
        let before = columnReferences
        if let conflict = content["onConflictClause"] {
            if conflict["action"]?.string == "ONCONFLICT_UPDATE" { access(SQLAccess(.update, target)) }
            assign(conflict["targetList"], inner)
            for member in ["infer", "whereClause"] { conflict[member].map { walk($0, inner) } }
        }
        if let returned = content["returningList"] { walk(returned, inner) }
        if columnReferences > before { access(SQLAccess(.select, target)) }
    }

    private mutating func update(_ content: JSON, _ scope: SQLScope) {
        guard let target = target(content) else { return }
        let inner = common(content, scope.with(.select))
        access(SQLAccess(.update, target, lacksWhere: content["whereClause"] == nil))
        change(content, target, inner, ["fromClause", "whereClause", "returningList"])
    }

    private mutating func delete(_ content: JSON, _ scope: SQLScope) {
        guard let target = target(content) else { return }
        let inner = common(content, scope.with(.select))
        access(SQLAccess(.delete, target, lacksWhere: content["whereClause"] == nil))
        change(content, target, inner, ["usingClause", "whereClause", "returningList"])
    }

    private mutating func merge(_ content: JSON, _ scope: SQLScope) {
        guard let target = target(content) else { return }
        let inner = common(content, scope.with(.select))
        access(SQLAccess(.merge, target))
        let clauses = (content["mergeWhenClauses"]?.array ?? []).compactMap { $0["MergeWhenClause"] }
        for clause in clauses {
            switch clause["commandType"]?.string {
            case "CMD_INSERT": access(SQLAccess(.insert, target))
            case "CMD_UPDATE": access(SQLAccess(.update, target))
            case "CMD_DELETE": access(SQLAccess(.delete, target))
            default: break
            }
            if clause["commandType"]?.string == "CMD_INSERT", clause["targetList"] == nil {
                statement.usesAllColumns = true
            }
            change(clause, target, inner, ["condition", "values"])
        }
        change(content, target, inner, ["sourceRelation", "joinCondition"])
    }

    /// What is assigned, and the parts that may read. Whoever reads a column of the changed table reads the table, as with
    /// the server's own privileges (manual, UPDATE and DELETE).
    private mutating func change(_ content: JSON, _ target: SQLName, _ scope: SQLScope, _ parts: [String]) {
        let before = columnReferences
        assign(content["targetList"], scope)
        for part in parts { content[part].map { walk($0, scope) } }
        if columnReferences > before { access(SQLAccess(.select, target)) }
    }

    private mutating func target(_ content: JSON) -> SQLName? {
        guard let relation = content["relation"], let name = SQLName(relation) else { return nil }
        rowNames.insert(name.name)
        alias(relation["alias"])
        return name
    }

    /// A list of columns that get values; elsewhere a ResTarget's name is that of a result.
    private mutating func assign(_ targets: JSON?, _ scope: SQLScope) {
        for target in targets?.array ?? [] {
            if let name = target["ResTarget", "name"]?.string { statement.columns.insert(name) }
            walk(target, scope)
        }
    }

    // MARK: Commands

    private mutating func copy(_ content: JSON, _ scope: SQLScope) {
        if content["filename"] != nil || content["is_program"]?.bool == true { blind(.file) }
        if let query = content["query"] { walk(query, scope.with(.select)) }
        if let condition = content["whereClause"] { walk(condition, scope.with(.select)) }
        guard let target = target(content) else { return }
        access(SQLAccess(.copy, target))
        access(SQLAccess(content["is_from"]?.bool == true ? .insert : .select, target))
        guard let columns = content["attlist"]?.array else { return statement.usesAllColumns = true }
        for column in columns { column.sqlString.map { _ = statement.columns.insert($0) } }
    }

    private mutating func drop(_ content: JSON) {
        for object in content["objects"]?.array ?? [] {
            var names = object["List", "items"]?.array ?? []
            switch content["removeType"]?.string {
            case "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE",
                "OBJECT_INDEX":
                break
            // Table and name.
            case "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY": _ = names.popLast()
            default: names = []
            }
            let table = SQLName(list: .array(names))
            access(SQLAccess(.drop, table, isBroad: table == nil))
        }
        statement.usesAllColumns = true
    }
}
