// What a client asks (manual §55.2.3 and following).

extension PostgresConversation {
    mutating func request(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        switch message {
        case .query(let sql): query(text(sql, bytes), [UInt8](copying: bytes.extracting(sql)), asked)
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
        if skips, request.isSkippable { return skip(request) }
        queue.append(request)
        guard queue.count > limits.pipelined, let lost = queue.removeFirst(), let ticket = lost.ticket else { return }
        events.close(ticket, lost.draft?.event(.unfinished, at: lastTime))
    }

    /// The server does not carry it out. Of statements that is told, unless their failure was.
    mutating func skip(_ request: PostgresPendingRequest) {
        if let undo = request.undo { undos.append(undo) }
        guard let ticket = request.ticket else { return }
        let isTold = request.statementID != 0 && request.statementID == failedStatementID
        if request.isExecute, let draft = request.draft, !isTold {
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
            case .statement(let before) where (statements[undo.name]?.id ?? 0) == undo.madeID:
                statements.remove(undo.name)
                if let before { statements.set(undo.name, before, cost: before.cost) }
            case .portal(let before) where (portals[undo.name]?.statement.id ?? 0) == undo.madeID:
                portals.remove(undo.name)
                if let before { portals.set(undo.name, before, cost: before.cost) }
            case .statement, .portal: break
            }
        }
    }

    mutating func query(_ sql: String, _ bytes: [UInt8], _ asked: PostgresAsked) {
        let ranges = SQLStatements.split(bytes)
        let parts = ranges == [0..<bytes.count] ? [sql] : ranges.map { text($0, bytes.span) }
        var request = PostgresPendingRequest(.query(statements: parts, sql: sql))
        // A text without statements is told as it is; blanks alone would look like a mistake of ours.
        let title = parts.count > 1 ? parts[0] : sql
        request.draft = PostgresStatementDraft(
            title: title.allSatisfy(\.isWhitespace) ? "(nothing)" : title, asked: asked)
        request.ticket = events.open()
        enqueue(request)
    }

    private mutating func parse(_ parse: PostgresMessage.Parse, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        var types = parse.parameterTypes
        var parameterTypes: [UInt32] = []
        while parameterTypes.count < Self.parametersShown, let type = types.next(in: bytes) {
            parameterTypes.append(type)
        }
        self.parse(name: text(parse.statement, bytes), sql: text(parse.sql, bytes), parameterTypes, asked)
    }

    mutating func parse(name: String, sql: String, _ parameterTypes: [UInt32], _ asked: PostgresAsked) {
        let statement = PostgresStatement(
            id: nextStatementID, name: name, sql: sql, parameterTypes: parameterTypes, asked: asked)
        nextStatementID += 1
        var request = PostgresPendingRequest(.parse)
        request.statementID = statement.id
        request.undo = PostgresUndo(name: name, before: .statement(statements[name]), madeID: statement.id)
        request.draft = PostgresStatementDraft(title: sql, asked: asked)
        request.draft?.statementName = name
        request.statementName = name
        request.ticket = events.open()
        statements.set(name, statement, cost: statement.cost)
        enqueue(request)
    }

    static let parametersShown = 1000

    private mutating func bind(_ bind: PostgresMessage.Bind, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        var portal = makePortal(text(bind.portal, bytes), statement: text(bind.statement, bytes), asked)
        portal.parameters = parameters(
            bind.parameters(in: bytes), formats: bind.parameterFormats(in: bytes), bytes, &portal.parametersLeftOut)
        if let formats = try? bind.resultFormats(in: bytes) {
            portal.resultFormats = (0..<min(formats.count, PostgresStatementDraft.columnsShown)).map {
                formats.format($0, in: bytes)
            }
        }
        bound(portal, asked)
    }

    /// The portal takes over the Parse that belongs to it, if no other Bind has.
    mutating func makePortal(_ name: String, statement: String, _ asked: PostgresAsked) -> PostgresPortal {
        var facts =
            statements[statement]
            ?? PostgresStatement(
                id: 0, name: statement, sql: "(a statement prepared before this begins)", parameterTypes: [])
        let joined = facts.asked?.joined(asked) ?? asked
        facts.asked = nil
        statements.change(statement) { $0.asked = nil }
        return PostgresPortal(name: name, statement: facts, asked: joined)
    }

    mutating func bound(_ portal: PostgresPortal, _ asked: PostgresAsked) {
        var request = PostgresPendingRequest(.bind)
        request.statementID = portal.statement.id
        request.undo = PostgresUndo(
            name: portal.name, before: .portal(portals[portal.name]), madeID: portal.statement.id)
        request.draft = draft(of: portal, portal.asked ?? asked)
        request.ticket = events.open()
        portals.set(portal.name, portal, cost: portal.cost)
        enqueue(request)
    }

    func parameters(
        _ values: PostgresValueReader, formats: PostgresFormats, _ bytes: Span<UInt8>, _ leftOut: inout Int
    ) -> [PostgresParameter] {
        var values = values
        var parameters: [PostgresParameter] = []
        while let value = try? values.next(in: bytes) {
            guard parameters.count < Self.parametersShown else {
                leftOut += 1
                continue
            }
            let range = value.range.map { $0.lowerBound..<min($0.upperBound, $0.lowerBound + PostgresValueText.limit) }
            parameters.append(
                PostgresParameter(
                    bytes: range.map { [UInt8](copying: bytes.extracting($0)) }, total: value.range?.count ?? 0,
                    format: formats.format(parameters.count, in: bytes)))
        }
        return parameters
    }

    func draft(of portal: PostgresPortal, _ asked: PostgresAsked) -> PostgresStatementDraft {
        // A Describe may have told more since the Bind.
        let current = statements[portal.statement.name]
        let statement = current?.id == portal.statement.id ? current ?? portal.statement : portal.statement
        var draft = PostgresStatementDraft(title: statement.sql, asked: asked)
        draft.statementID = statement.id
        draft.statementName = statement.name
        draft.portalName = portal.name
        draft.parameterTypes = statement.parameterTypes
        draft.parameters = portal.parameters
        draft.parametersLeftOut = portal.parametersLeftOut
        draft.resultFormats = portal.resultFormats
        draft.columns = statement.columns
        return draft
    }

    private mutating func describe(_ target: PostgresMessage.Target, _ bytes: Span<UInt8>) {
        let name = text(target.name, bytes)
        var request = PostgresPendingRequest(.describe)
        if let statement = target.kind == .statement ? statements[name] : portals[name]?.statement {
            request.statementID = statement.id
            request.statementName = statement.name
        }
        enqueue(request)
    }

    private mutating func close(_ target: PostgresMessage.Target, _ bytes: Span<UInt8>) {
        let name = text(target.name, bytes)
        var request = PostgresPendingRequest(.close)
        switch target.kind {
        case .statement:
            request.undo = PostgresUndo(name: name, before: .statement(statements[name]), madeID: 0)
            statements.remove(name)
        case .portal:
            request.undo = PostgresUndo(name: name, before: .portal(portals[name]), madeID: 0)
            portals.remove(name)
        }
        enqueue(request)
    }

    private mutating func execute(
        _ execute: PostgresMessage.Execute, _ bytes: Span<UInt8>, _ asked: PostgresAsked
    ) {
        let name = text(execute.portal, bytes)
        let portal =
            portals[name]
            ?? PostgresPortal(
                name: name,
                statement: PostgresStatement(
                    id: 0, name: "", sql: "(a portal bound before this begins)", parameterTypes: []))
        var draft = draft(of: portal, portal.asked?.joined(asked) ?? asked)
        draft.isContinued = portal.wasExecuted
        portals.change(name) {
            $0.asked = nil
            $0.wasExecuted = true
        }
        var request = PostgresPendingRequest(.execute)
        request.statementID = portal.statement.id
        request.draft = draft
        request.ticket = events.open()
        enqueue(request)
    }

    private mutating func functionCall(
        _ call: PostgresMessage.FunctionCall, _ bytes: Span<UInt8>, _ asked: PostgresAsked
    ) {
        var request = PostgresPendingRequest(.functionCall)
        var draft = PostgresStatementDraft(title: PostgresFastPath.title(call.function), asked: asked)
        draft.kind = "postgres.function"
        draft.parameters = parameters(
            call.arguments(in: bytes), formats: call.argumentFormats(in: bytes), bytes, &draft.parametersLeftOut)
        draft.parameterTypes = PostgresFastPath.argumentTypes(call.function)
        draft.functionResultType = PostgresFastPath.resultType(call.function)
        draft.functionResultFormat = call.resultFormat(in: bytes)
        request.draft = draft
        request.ticket = events.open()
        enqueue(request)
    }

    /// Ends the batch, unless the server is reading COPY data and ignores it.
    private mutating func sync() {
        if queue.changeFirst({ $0.takesCopyData }) ?? false { return }
        if skips { endSkipping() }
        enqueue(PostgresPendingRequest(.sync))
    }

    mutating func copied(_ data: UInt64, _ length: UInt64) {
        func count(_ draft: inout PostgresStatementDraft) {
            draft.copiedBytes &+= data
            draft.sentBytes &+= length
        }
        let isFirst = queue.changeFirst { first in
            guard first.draft?.copy != nil else { return false }
            count(&first.draft!)
            return true
        }
        if isFirst == false { queue.changeLastStatement(count) }
    }

    private mutating func copyEnd(_ failure: String?, _ asked: PostgresAsked) {
        let isFirst = queue.changeFirst { first in
            guard first.draft?.copy != nil else { return false }
            first.draft?.copyFailure = failure
            first.draft?.copyHasEnded = true
            first.draft?.sentBytes += asked.byteCount
            return true
        }
        if isFirst == false { enqueue(PostgresPendingRequest(.copyEnd)) }
    }
}
