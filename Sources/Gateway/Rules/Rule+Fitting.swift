import Protocols

// Whether a rule fits a part of a request. A rule that denies or asks fits where it could apply; a rule that allows, only
// where it surely does.

extension Rule {
    func fits(_ access: SQLAccess, of statement: SQLStatement) -> Bool {
        guard functions.isEmpty, settings.isEmpty else { return false }
        guard statements.isEmpty || statements.contains(access.kind) else { return false }
        guard !withoutWhere || access.lacksWhere else { return false }
        return fitsTable(of: access) && fitsColumns(of: statement)
    }

    func fits(_ function: SQLName, of statement: SQLStatement) -> Bool {
        if functions.isEmpty { return coversEverything && action == .allow }
        return functions.contains { fits($0, function) } && fitsElsewhere(statement)
    }

    /// `row.name` may be a column, or a call of that function with the row (manual §4.2.4, §38.5.3).
    func fits(attribute name: String, of statement: SQLStatement) -> Bool {
        action != .allow && functions.contains { $0.name.matches(name) } && fitsElsewhere(statement)
    }

    func fits(setting name: String) -> Bool {
        if settings.isEmpty { return action == .allow && (coversEverything || isOnlyAbout(.set)) }
        if action == .allow { return settings.contains { $0.matches(name) } }
        return name == SQLStatement.anySetting || settings.contains { $0.matches(name) }
    }

    /// What is done unseen could be anything that the rule is about.
    func fitsUnseen(_ statement: SQLStatement) -> Bool {
        action != .allow || coversEverything || isOnlyAbout(statement.kind)
    }

    private func isOnlyAbout(_ kind: SQLKind) -> Bool { statements.contains(kind) && isOnlyAboutKinds }

    /// It names kinds of statements, and nothing else of them.
    var isOnlyAboutKinds: Bool {
        !statements.isEmpty && tables.isEmpty && columns.isEmpty && functions.isEmpty && settings.isEmpty
            && !withoutWhere
    }

    private func fitsTable(of access: SQLAccess) -> Bool {
        guard !tables.isEmpty else { return true }
        guard let table = access.table else { return action != .allow && access.isBroad }
        return tables.contains { fits($0, table) }
    }

    private func fitsColumns(of statement: SQLStatement) -> Bool {
        guard !columns.isEmpty else { return true }
        func isNamed(_ column: String) -> Bool { columns.contains { $0.matches(column) } }
        if action == .allow { return !statement.usesAllColumns && statement.columns.allSatisfy(isNamed) }
        return statement.usesAllColumns || statement.columns.contains(where: isNamed)
    }

    /// Beside its functions, a rule may name kinds, tables and columns of the same statement.
    private func fitsElsewhere(_ statement: SQLStatement) -> Bool {
        (statements.isEmpty || statements.contains(statement.kind)
            || statement.accesses.contains { statements.contains($0.kind) })
            && (tables.isEmpty || statement.accesses.contains(where: fitsTable)) && fitsColumns(of: statement)
    }

    /// A name without schema may be any schema's.
    private func fits(_ pattern: TablePattern, _ name: SQLName) -> Bool {
        guard pattern.name.matches(name.name) else { return false }
        guard let schema = pattern.schema else { return true }
        return name.schema.map(schema.matches) ?? (action != .allow)
    }
}
