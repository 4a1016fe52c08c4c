// What a conversation remembers while nothing is under way: names, and where the transaction stands.

extension PostgresConversation {
    /// `nil` while anything is under way.
    func snapshot() -> JSON? {
        guard queue.isEmpty, batch.isEmpty, undone.isEmpty, !login.isOpen, !skips, events.isEmpty,
            longClient == nil, longServer == nil
        else { return nil }
        var members: [String: JSON] = ["statements": .array(statements.all.map { Self.encode($0.statement) })]
        if let transaction { members["transaction"] = .integer(Int64(transaction.rawValue)) }
        // Portals end with their transaction (manual §55.2.3).
        if transaction != .idle {
            members["portals"] = .array(portals.all.map(Self.encode))
        }
        return .object(members)
    }

    /// `nil` when the snapshot is not of a conversation's making.
    init?(snapshot: JSON, limits: WireLimits) {
        self.init(limits: limits, selection: .everything)
        guard let statements = snapshot["statements"]?.array else { return nil }
        for json in statements {
            guard let statement = makeStatement(json) else { return nil }
            let prepared = PostgresPreparedStatement(statement: statement)
            self.statements.set(statement.name, prepared, cost: prepared.cost)
        }
        for json in snapshot["portals"]?.array ?? [] {
            guard let name = json["name"]?.string, let statement = json["statement"].flatMap({ makeStatement($0) })
            else { return nil }
            let formats = (json["resultFormats"]?.array ?? []).compactMap { $0.unsigned }
                .map { PostgresFormat(rawValue: UInt16(clamping: $0)) }
            let portal = PostgresPortal(
                name: name, statement: named(statement), resultFormats: PostgresResultFormats(formats))
            let open = PostgresOpenPortal(portal: portal, wasExecuted: json["wasExecuted"]?.bool ?? false)
            portals.set(name, open, cost: open.cost)
        }
        if let status = snapshot["transaction"]?.unsigned {
            transaction = UInt8(exactly: status).flatMap(PostgresMessage.TransactionStatus.init)
        }
    }

    /// The statement under the name, where it is the same.
    private func named(_ statement: PostgresStatement) -> PostgresStatement {
        guard let known = statements[statement.name]?.statement, known.sql == statement.sql else { return statement }
        return known
    }

    private mutating func makeStatement(_ json: JSON) -> PostgresStatement? {
        guard let name = json["name"]?.string, let sql = json["sql"]?.string, let types = json["types"]?.array,
            let columns = json["columns"]?.array
        else { return nil }
        defer { nextStatementID += 1 }
        var facts = PostgresColumns()
        for column in columns {
            guard let name = column["name"]?.string, let type = column["type"]?.unsigned else { continue }
            facts.names.append(name)
            facts.types.append(UInt32(clamping: type))
        }
        return PostgresStatement(
            id: nextStatementID, name: name, sql: sql,
            parameterTypes: types.compactMap { $0.unsigned.flatMap { UInt32(exactly: $0) } }, columns: facts)
    }

    private static func encode(_ statement: PostgresStatement) -> JSON {
        .object([
            "name": .string(statement.name), "sql": .string(statement.sql),
            "types": .array(statement.parameterTypes.map { .integer(Int64($0)) }),
            "columns": .array(
                zip(statement.columns.names, statement.columns.types).map {
                    .object(["name": .string($0), "type": .integer(Int64($1))])
                }),
        ])
    }

    private static func encode(_ open: PostgresOpenPortal) -> JSON {
        .object([
            "name": .string(open.portal.name), "statement": encode(open.portal.statement),
            "wasExecuted": .bool(open.wasExecuted),
            "resultFormats": .array(open.portal.resultFormats.columns.map { .integer(Int64($0.rawValue)) }),
        ])
    }
}
