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
        DisplayText.decode(bytes.extracting(range), limit: Self.sqlShown)
    }

    /// Puts a request in the queue, or skips it as the server does. Beyond the limit the oldest are given up.
    mutating func enqueue(_ request: consuming PostgresPendingRequest) {
        if skips, request.isSkippable { return skip(request, nil) }
        queue.append(request)
        if queue.count > limits.pipelined { _ = giveUpFirst(at: lastTime) }
    }

    private mutating func enqueue(
        _ request: consuming PostgresPendingRequest, _ draft: consuming PostgresStatementDraft
    ) {
        if skips, request.isSkippable { return skip(request, draft) }
        queue.append(request, draft)
        if queue.count > limits.pipelined { _ = giveUpFirst(at: lastTime) }
    }

    /// The server does not carry it out. Of statements that is told, unless their failure was.
    mutating func skip(_ request: PostgresPendingRequest, _ draft: PostgresStatementDraft?) {
        if let undo = request.undo { undos.append(undo) }
        guard let ticket = request.ticket else { return }
        let isTold = request.statementID != 0 && request.statementID == failedStatementID
        if request.kind == .execute, let draft, !isTold {
            end(draft, .skipped, ticket: ticket, at: lastTime)
        } else {
            events.close(ticket, nil)
        }
    }

    /// A Sync: the server goes on. What was skipped has not changed any name.
    mutating func endSkipping() {
        skips = false
        failedStatementID = 0
        for undo in exchange(&undos, with: []).reversed() {
            switch undo.before {
            case .statement(let before) where (statements[undo.name]?.statement.id ?? 0) == undo.madeID:
                statements.remove(undo.name)
                if let before { statements.set(undo.name, before, cost: before.cost) }
            case .portal(let before) where (portals[undo.name]?.portal.statement.id ?? 0) == undo.madeID:
                portals.remove(undo.name)
                if let before { portals.set(undo.name, before, cost: before.cost) }
            case .statement, .portal: break
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
        enqueue(
            PostgresPendingRequest(
                .query, asked: asked, ticket: events.open(), sql: sql,
                statementsLeft: statements.dropFirst().reversed()),
            PostgresStatementDraft(title: title, asked: asked))
    }

    private mutating func parse(_ parse: PostgresMessage.Parse, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        self.parse(
            name: text(parse.statement, bytes), sql: text(parse.sql, bytes),
            PostgresParameters.types(parse.parameterTypes, in: bytes), asked)
    }

    mutating func parse(name: String, sql: String, _ parameterTypes: [UInt32], _ asked: PostgresAsked) {
        let statement = PostgresStatement(id: nextStatementID, name: name, sql: sql, parameterTypes: parameterTypes)
        nextStatementID += 1
        let undo = PostgresUndo(name: name, before: .statement(statements[name]), madeID: statement.id)
        let prepared = PostgresPreparedStatement(statement: statement, asked: asked)
        statements.set(name, prepared, cost: prepared.cost)
        enqueue(
            PostgresPendingRequest(.parse, asked: asked, ticket: events.open(), statement: statement, undo: undo))
    }

    private mutating func bind(_ bind: PostgresMessage.Bind, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        let isTold =
            selection.mayHaveField(PostgresFields.parameters)
            || selection.mayHaveField(PostgresFields.parametersLeftOut)
        let parameters =
            isTold
            ? PostgresParameters(bind.parameters(in: bytes), bind.parameterFormats(in: bytes), in: bytes)
            : PostgresParameters()
        var resultFormats: [PostgresFormat] = []
        if let formats = try? bind.resultFormats(in: bytes), formats.count > 0 {
            for index in 0..<min(formats.count, PostgresStatementDraft.columnsShown) {
                resultFormats.append(formats.format(index, in: bytes))
            }
        }
        bound(text(bind.portal, bytes), text(bind.statement, bytes), parameters, resultFormats, asked)
    }

    /// The portal takes over the Parse that belongs to it, if no other Bind has.
    mutating func bound(
        _ name: String, _ statementName: String, _ parameters: PostgresParameters, _ resultFormats: [PostgresFormat],
        _ asked: PostgresAsked
    ) {
        var joined = asked
        statements.change(statementName) { prepared in
            if let parsed = exchange(&prepared.asked, with: nil) { joined = parsed.joined(asked) }
        }
        let statement =
            statements[statementName]?.statement
            ?? PostgresStatement(id: 0, name: statementName, sql: "(a statement prepared before this begins)")
        let portal = PostgresPortal(
            name: name, statement: statement, parameters: parameters, resultFormats: resultFormats)
        let undo = PostgresUndo(name: name, before: .portal(portals[name]), madeID: statement.id)
        let open = PostgresOpenPortal(portal: portal, asked: joined)
        portals.set(name, open, cost: open.cost)
        enqueue(
            PostgresPendingRequest(
                .bind, asked: joined, ticket: events.open(), statement: statement, portal: portal, undo: undo))
    }

    private mutating func describe(_ target: PostgresMessage.Target, _ bytes: Span<UInt8>) {
        let name = text(target.name, bytes)
        let statement =
            target.kind == .statement ? statements[name]?.statement : portals[name]?.portal.statement
        enqueue(PostgresPendingRequest(.describe, statement: statement))
    }

    private mutating func close(_ target: PostgresMessage.Target, _ bytes: Span<UInt8>) {
        let name = text(target.name, bytes)
        let undo: PostgresUndo
        switch target.kind {
        case .statement:
            undo = PostgresUndo(name: name, before: .statement(statements[name]), madeID: 0)
            statements.remove(name)
        case .portal:
            undo = PostgresUndo(name: name, before: .portal(portals[name]), madeID: 0)
            portals.remove(name)
        }
        enqueue(PostgresPendingRequest(.close, undo: undo))
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
            PostgresPendingRequest(.execute, asked: joined, ticket: events.open(), statement: statement),
            PostgresStatementDraft(statement, portal, asked: joined, isContinued: bound?.wasExecuted ?? false))
    }

    private mutating func functionCall(
        _ call: PostgresMessage.FunctionCall, _ bytes: Span<UInt8>, _ asked: PostgresAsked
    ) {
        let parameters = PostgresParameters(
            call.arguments(in: bytes), call.argumentFormats(in: bytes), in: bytes)
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
            PostgresPendingRequest(.functionCall, asked: asked, ticket: events.open()),
            PostgresStatementDraft(
                call: portal, resultType: PostgresFastPath.resultType(function), resultFormat, asked: asked))
    }

    /// Ends the batch, unless the server is reading COPY data and ignores it.
    private mutating func sync() {
        if queue.changeDraft({ $0.takesCopyData }) == true { return }
        if skips { endSkipping() }
        enqueue(PostgresPendingRequest(.sync))
    }

    mutating func copied(_ data: UInt64, _ length: UInt64) {
        func count(_ draft: inout PostgresStatementDraft) {
            draft.copiedBytes &+= data
            draft.sentBytes &+= length
        }
        let isFirst = queue.changeDraft { first in
            guard first.copy != nil else { return false }
            count(&first)
            return true
        }
        if isFirst != true { queue.changeLastDraft(count) }
    }

    private mutating func copyEnd(_ failure: String?, _ asked: PostgresAsked) {
        let isFirst = queue.changeDraft { first in
            guard first.copy != nil else { return false }
            first.copyFailure = failure
            first.copyHasEnded = true
            first.sentBytes += asked.byteCount
            return true
        }
        if isFirst != true, !queue.isEmpty { enqueue(PostgresPendingRequest(.copyEnd)) }
    }
}

extension String {
    /// Nothing but white space.
    fileprivate var isBlank: Bool {
        if let first = utf8.first, 0x21..<0x7f ~= first { return false }
        return allSatisfy(\.isWhitespace)
    }
}
