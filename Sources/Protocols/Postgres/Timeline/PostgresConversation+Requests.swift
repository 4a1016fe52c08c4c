// What a client asks (manual §55.2.3 and following).

extension PostgresConversation {
    mutating func request(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        switch message {
        case .query(let sql): query(text(sql, bytes), statements(bytes.extracting(sql)), asked)
        case .parse(let parse): self.parse(parse, bytes, asked)
        case .bind(let bind): self.bind(bind, bytes, asked)
        case .describe(let target): describe(target, bytes)
        case .execute(let execute): self.execute(execute, bytes, asked)
        case .close(let target): close(target, bytes)
        case .functionCall(let call): functionCall(call, bytes, asked)
        case .sync: sync()
        case .copyData(let data): copied(UInt64(data.count), asked.byteCount)
        case .copyDone: copyEnd(nil, asked)
        case .copyFail(let reason): copyEnd(text(reason, bytes), asked)
        case .terminate: logout(asked)
        case .cancelRequest(let cancel): cancelRequest(cancel, asked)
        default: loginRequest(message, bytes, asked)
        }
    }

    func text(_ range: Range<Int>, _ bytes: Span<UInt8>) -> String {
        // Most names are empty.
        range.isEmpty ? "" : DisplayText.decode(bytes.extracting(range), limit: Self.sqlShown)
    }

    /// Puts a request in the queue, or skips it as the server does. Beyond the limit the oldest are given up.
    mutating func enqueue(_ request: consuming PostgresPendingRequest) {
        if skips, request.isSkippable { return skip(request, nil) }
        queue.append(consume request)
        if queue.count > limits.pipelined { giveUpFirst(at: lastTime) }
    }

    private mutating func enqueue(
        _ request: consuming PostgresPendingRequest, _ draft: consuming PostgresStatementDraft
    ) {
        if skips, request.isSkippable { return skip(request, draft) }
        queue.append(consume request, consume draft)
        if queue.count > limits.pipelined { giveUpFirst(at: lastTime) }
    }

    /// The server does not carry it out. Of statements that is told, unless their failure was.
    mutating func skip(_ request: PostgresPendingRequest, _ draft: PostgresStatementDraft?) {
        if request.undo != nil { undone.append(request) }
        guard let ticket = request.ticket else { return }
        let isTold = request.statementID != 0 && request.statementID == failedStatementID
        if request.kind == .execute, let draft, !isTold {
            end(draft, .skipped, ticket: ticket, at: lastTime)
        } else {
            events.close(ticket)
        }
    }

    /// A Sync: the server goes on. What was skipped has not changed any name.
    mutating func endSkipping() {
        skips = false
        failedStatementID = 0
        for request in exchange(&undone, with: []).reversed() {
            switch request.undo {
            case .statement(let name, let before)
            where (statements[name]?.statement.id ?? 0) == request.statementID:
                statements.remove(name)
                if let before { statements.set(name, before, cost: before.cost) }
            case .portal(let name, let before)
            where (portals[name]?.portal.statement.id ?? 0) == request.statementID:
                portals.remove(name)
                if let before { portals.set(name, before, cost: before.cost) }
            case .statement, .portal, nil: break
            }
        }
    }

    /// The statements of a simple query that has several.
    private func statements(_ sql: Span<UInt8>) -> [String] {
        var statements: [String] = []
        guard SQLStatements.mayBeSeveral(sql) else { return statements }
        let ranges = SQLStatements.split(sql)
        if ranges.count > 1 { for range in ranges { statements.append(text(range, sql)) } }
        return statements
    }

    mutating func query(_ sql: String, _ statements: [String], _ asked: PostgresAsked) {
        // A text without statements is told as it is; blanks alone would look like a mistake of ours.
        let title = statements.first ?? (sql.isBlank ? "(nothing)" : sql)
        let left = statements.count > 1 ? Array(statements[1...].reversed()) : []
        enqueue(
            PostgresPendingRequest(kind: .query, asked: asked, ticket: events.open(), sql: sql, statementsLeft: left),
            PostgresStatementDraft(title: title, asked: asked, sentBytes: asked.byteCount))
    }

    private mutating func parse(_ parse: PostgresMessage.Parse, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        self.parse(
            name: text(parse.statement, bytes), sql: text(parse.sql, bytes),
            PostgresParameters.types(parse.parameterTypes, in: bytes), asked)
    }

    mutating func parse(name: String, sql: String, _ parameterTypes: [UInt32], _ asked: PostgresAsked) {
        let statement = PostgresStatement(id: nextStatementID, name: name, sql: sql, parameterTypes: parameterTypes)
        nextStatementID += 1
        let prepared = PostgresPreparedStatement(statement: statement, asked: asked)
        let before = statements.set(name, prepared, cost: prepared.cost)
        enqueue(
            PostgresPendingRequest(
                kind: .parse, asked: asked, ticket: events.open(), statement: statement,
                undo: .statement(name: name, before)))
    }

    private mutating func bind(_ bind: PostgresMessage.Bind, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        let isTold =
            selection.mayHaveField(PostgresFields.parameters)
            || selection.mayHaveField(PostgresFields.parametersLeftOut)
        let parameters =
            isTold ? PostgresParameters(bind.parameterFormats(in: bytes), in: bytes) : PostgresParameters()
        let formats = (try? bind.resultFormats(in: bytes)).map { PostgresResultFormats($0, in: bytes) }
        bound(text(bind.portal, bytes), text(bind.statement, bytes), parameters, formats ?? .text, asked)
    }

    /// The portal takes over the Parse that belongs to it, if no other Bind has.
    mutating func bound(
        _ name: String, _ statementName: String, _ parameters: PostgresParameters,
        _ resultFormats: PostgresResultFormats, _ asked: PostgresAsked
    ) {
        var joined = asked
        var known: PostgresStatement?
        statements.change(statementName) { prepared in
            known = prepared.statement
            if let parsed = exchange(&prepared.asked, with: nil) { joined = parsed.joined(asked) }
        }
        let statement =
            known ?? PostgresStatement(id: 0, name: statementName, sql: "(a statement prepared before this begins)")
        let portal = PostgresPortal(
            name: name, statement: statement, parameters: parameters, resultFormats: resultFormats)
        let open = PostgresOpenPortal(portal: portal, asked: joined)
        let before = portals.set(name, open, cost: open.cost)
        enqueue(
            PostgresPendingRequest(
                kind: .bind, asked: joined, ticket: events.open(), statement: statement, portal: portal,
                undo: .portal(name: name, before)))
    }

    private mutating func describe(_ target: PostgresMessage.Target, _ bytes: Span<UInt8>) {
        let name = text(target.name, bytes)
        let statement =
            target.kind == .statement ? statements[name]?.statement : portals[name]?.portal.statement
        enqueue(PostgresPendingRequest(kind: .describe, statement: statement))
    }

    private mutating func close(_ target: PostgresMessage.Target, _ bytes: Span<UInt8>) {
        let name = text(target.name, bytes)
        let undo: PostgresUndo =
            switch target.kind {
            case .statement: .statement(name: name, statements.remove(name))
            case .portal: .portal(name: name, portals.remove(name))
            }
        enqueue(PostgresPendingRequest(kind: .close, undo: undo))
    }

    private mutating func execute(
        _ execute: PostgresMessage.Execute, _ bytes: Span<UInt8>, _ asked: PostgresAsked
    ) {
        let name = text(execute.portal, bytes)
        var bound: PostgresOpenPortal?
        portals.change(name) {
            bound = $0
            $0.asked = nil
            $0.wasExecuted = true
        }
        let portal =
            bound?.portal
            ?? PostgresPortal(
                name: name, statement: PostgresStatement(id: 0, name: "", sql: "(a portal bound before this begins)"))
        // A Describe may have told more since the Bind.
        let current = statements[portal.statement.name]?.statement
        let statement = current?.id == portal.statement.id ? current ?? portal.statement : portal.statement
        let joined = bound?.asked?.joined(asked) ?? asked
        enqueue(
            PostgresPendingRequest(kind: .execute, asked: joined, ticket: events.open(), statement: statement),
            PostgresStatementDraft(statement, portal, asked: joined, isContinued: bound?.wasExecuted ?? false))
    }

    private mutating func functionCall(
        _ call: PostgresMessage.FunctionCall, _ bytes: Span<UInt8>, _ asked: PostgresAsked
    ) {
        let parameters = PostgresParameters(call.argumentFormats(in: bytes), in: bytes)
        self.functionCall(call.function, parameters, call.resultFormat(in: bytes), asked)
    }

    /// Told like the statement of a portal, both without a name.
    mutating func functionCall(
        _ function: UInt32, _ arguments: PostgresParameters, _ resultFormat: PostgresFormat, _ asked: PostgresAsked
    ) {
        let statement = PostgresStatement(
            id: 0, name: "", sql: PostgresFastPath.title(function),
            parameterTypes: PostgresFastPath.argumentTypes(function))
        let portal = PostgresPortal(name: "", statement: statement, parameters: arguments)
        enqueue(
            PostgresPendingRequest(kind: .functionCall, asked: asked, ticket: events.open()),
            PostgresStatementDraft(
                call: portal, resultType: PostgresFastPath.resultType(function), resultFormat, asked: asked))
    }

    /// Ends the batch, unless the server is reading COPY data and ignores it.
    private mutating func sync() {
        if queue.hasDraft, queue.draft.takesCopyData { return }
        if skips { endSkipping() }
        enqueue(PostgresPendingRequest(kind: .sync))
    }

    /// The server is at a COPY.
    private var isCopying: Bool { queue.hasDraft && queue.draft.copy != nil }

    mutating func copied(_ data: UInt64, _ length: UInt64) {
        func count(_ draft: inout PostgresStatementDraft) {
            draft.copiedBytes &+= data
            draft.sentBytes &+= length
        }
        if isCopying { count(&queue.draft) } else { queue.changeLastDraft(count) }
    }

    private mutating func copyEnd(_ failure: String?, _ asked: PostgresAsked) {
        if isCopying {
            queue.draft.copyFailure = failure
            queue.draft.copyHasEnded = true
            queue.draft.sentBytes += asked.byteCount
        } else if !queue.isEmpty {
            enqueue(PostgresPendingRequest(kind: .copyEnd))
        }
    }
}

extension String {
    /// Nothing but white space.
    fileprivate var isBlank: Bool {
        if let first = utf8.first, 0x21..<0x7f ~= first { return false }
        return allSatisfy(\.isWhitespace)
    }
}
