// What a server answers (manual §55.2.3 and following).

extension PostgresConversation {
    mutating func answer(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp) {
        let length = UInt64(bytes.count)
        switch message {
        case .dataRow(let row): change(offset, length, at: time) { $0.row(row, bytes) }
        case .copyData(let data): change(offset, length, at: time) { $0.copiedBytes &+= UInt64(data.count) }
        case .rowDescription(let description): columns(description, bytes, offset, at: time)
        case .parameterDescription(let description): parameterTypes(description, bytes)
        case .noData: complete(offset, length)
        case .parseComplete, .bindComplete, .closeComplete: complete(offset, length)
        case .commandComplete(let tag): ended(tag: text(tag, bytes), offset, length, at: time)
        case .emptyQueryResponse: ended(tag: "(empty)", offset, length, at: time)
        case .portalSuspended: ended(tag: nil, offset, length, at: time)
        case .functionCallResponse(let response): functionResult(response.value, bytes, offset, at: time)
        case .readyForQuery(let status): ready(status, at: time)
        case .copyInResponse(let copy): begin(.in, copy, offset, length, at: time)
        case .copyOutResponse(let copy): begin(.out, copy, offset, length, at: time)
        case .copyBothResponse(let copy): begin(.both, copy, offset, length, at: time)
        case .copyDone: change(offset, length, at: time) { _ in }
        case .errorResponse(let error): failed(PostgresErrorFacts(error, bytes), offset, length, at: time)
        case .noticeResponse(let notice): self.notice(PostgresErrorFacts(notice, bytes), at: time)
        case .notificationResponse(let notification): self.notification(notification, bytes, offset, at: time)
        case .parameterStatus(let status): setting(status, bytes, at: time)
        default: loginAnswer(message, bytes, offset, at: time)
        }
    }

    /// The statement that the server is at. What was asked before the recording begins gets a stand-in.
    mutating func change(
        _ offset: UInt64, _ length: UInt64, at time: Timestamp, _ body: (inout PostgresStatementDraft) -> Void
    ) {
        openStatement(at: time)
        _ = queue.changeFirst { first in
            first.draft?.answered(offset, length)
            if first.draft != nil { body(&first.draft!) }
        }
    }

    /// Makes sure that the head of the queue is a statement under way.
    mutating func openStatement(at time: Timestamp) {
        dropCopyEnds()
        guard let isOpen = queue.changeFirst({ $0.draft != nil }) else { return openUnseen(at: time) }
        guard !isOpen else { return }
        let ticket = events.open()
        let isBegun = queue.changeFirst { first in
            // A simple query's next statement begins where the last one ended.
            guard case .query(let statements, let sql) = first.kind else { return false }
            let asked = PostgresAsked(start: time, range: first.asked?.range ?? 0..<0)
            first.draft = PostgresStatementDraft(title: statements.first ?? sql, asked: asked)
            first.draft?.sentBytes = 0
            first.ticket = ticket
            return true
        }
        if isBegun != true { events.close(ticket, nil) }
    }

    private mutating func openUnseen(at time: Timestamp) {
        var request = PostgresPendingRequest(.unseen)
        request.draft = PostgresStatementDraft(
            title: "(asked before this begins)", asked: PostgresAsked(start: time, range: 0..<0))
        request.ticket = events.open()
        queue.append(request)
    }

    private mutating func dropCopyEnds() {
        while queue.changeFirst({ $0.isCopyEnd }) ?? false { _ = queue.removeFirst() }
    }

    /// ParseComplete, BindComplete, CloseComplete, NoData: the request is carried out and not worth an event of its own.
    private mutating func complete(_ offset: UInt64, _ length: UInt64) {
        dropCopyEnds()
        guard let isHelper = queue.changeFirst({ $0.isSkippable && !$0.isExecute }), isHelper,
            let request = queue.removeFirst()
        else { return }
        if let ticket = request.ticket { events.close(ticket, nil) }
        guard request.statementID != 0 else { return }
        forgetAsked(request)
        // The answer, and what the server remarked on the way, belongs to the statement to be executed.
        queue.forEachOfBatch { later in
            guard later.isExecute, later.statementID == request.statementID else { return true }
            later.draft?.answered(offset, length)
            for notice in request.draft?.notices ?? [] { later.draft?.notice(notice) }
            for setting in request.draft?.settings ?? [] { later.draft?.setting(setting) }
            return false
        }
    }

    /// What is answered already is not part of an Execute that comes later.
    private mutating func forgetAsked(_ request: PostgresPendingRequest) {
        switch request.kind {
        case .parse:
            statements.change(request.statementName) { if $0.id == request.statementID { $0.asked = nil } }
        case .bind:
            portals.change(request.draft?.portalName ?? "") {
                if $0.statement.id == request.statementID { $0.asked = nil }
            }
        default: break
        }
    }

    /// The types of the columns to come: of the statement that Describe named, or of the rows that follow.
    private mutating func columns(
        _ description: PostgresMessage.RowDescription, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        var reader = description.columns
        var columns: [PostgresColumnFacts] = []
        columns.reserveCapacity(min(description.count, PostgresStatementDraft.columnsShown))
        while columns.count < PostgresStatementDraft.columnsShown, let column = try? reader.next(in: bytes) {
            columns.append(PostgresColumnFacts(name: text(column.name, bytes), type: column.type))
        }
        dropCopyEnds()
        guard let described = queue.described() else {
            return change(offset, UInt64(bytes.count), at: time) { $0.columns = columns }
        }
        learn(described) {
            $0 = columns
        } types: { _ in
        }
        complete(offset, UInt64(bytes.count))
    }

    /// A description too long to be read.
    mutating func described(_ offset: UInt64, _ length: UInt64, at time: Timestamp) {
        dropCopyEnds()
        let isDescribed = queue.changeFirst { $0.isDescribe } ?? false
        if isDescribed { complete(offset, length) } else { change(offset, length, at: time) { _ in } }
    }

    private mutating func parameterTypes(
        _ description: PostgresMessage.ParameterDescription, _ bytes: Span<UInt8>
    ) {
        dropCopyEnds()
        guard let described = queue.described() else { return }
        var reader = description.types
        var types: [UInt32] = []
        while types.count < Self.parametersShown, let type = reader.next(in: bytes) { types.append(type) }
        learn(described) { _ in
        } types: {
            $0 = types
        }
    }

    /// What Describe tells holds for the statement, and for its executions asked for already.
    private mutating func learn(
        _ described: (statementID: UInt64, statementName: String), columns: (inout [PostgresColumnFacts]) -> Void,
        types: (inout [UInt32]) -> Void
    ) {
        guard described.statementID != 0 else { return }
        statements.change(described.statementName) { statement in
            guard statement.id == described.statementID else { return }
            columns(&statement.columns)
            types(&statement.parameterTypes)
        }
        queue.forEachOfBatch { request in
            guard request.statementID == described.statementID, request.draft != nil else { return true }
            columns(&request.draft!.columns)
            types(&request.draft!.parameterTypes)
            return true
        }
    }

    private mutating func begin(
        _ copy: PostgresStatementDraft.Copy, _ response: PostgresMessage.CopyResponse, _ offset: UInt64,
        _ length: UInt64, at time: Timestamp
    ) {
        change(offset, length, at: time) {
            $0.kind = "postgres.copy"
            $0.copy = copy
            $0.copiesText = response.format == .text
        }
        if copy != .out { queue.dropSyncsDuringCopy() }
    }

    // MARK: Ends

    /// CommandComplete, EmptyQueryResponse, or PortalSuspended (no tag): the statement is over, or the Execute is.
    private mutating func ended(tag: String?, _ offset: UInt64, _ length: UInt64, at time: Timestamp) {
        change(offset, length, at: time) { $0.tag = tag }
        let result: PostgresStatementDraft.Result = tag == nil ? .suspended : .succeeded
        guard let ended = queue.endFirst(result, at: time) else { return }
        let isQuery = queue.changeFirst { first in
            guard case .query(let statements, let sql) = first.kind else { return false }
            first.kind = .query(statements: Array(statements.dropFirst()), sql: sql)
            return true
        }
        if isQuery == false { _ = queue.removeFirst() }
        end(ended.event, result, ticket: ended.ticket, at: time)
    }

    mutating func functionResult(
        _ value: PostgresValue, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        change(offset, UInt64(bytes.count), at: time) {
            $0.functionResult = PostgresStatementDraft.show(
                value, bytes, type: $0.functionResultType, format: $0.functionResultFormat)
        }
        let ended = queue.changeFirst { first in (exchange(&first.draft, with: nil), exchange(&first.ticket, with: nil))
        }
        if let (draft, ticket) = ended, let draft { end(draft, .succeeded, ticket: ticket, at: time) }
    }

    /// The end of a simple query, a function call or an extended batch.
    private mutating func ready(_ status: PostgresMessage.TransactionStatus, at time: Timestamp) {
        if login.isOpen { loggedIn(at: time) }
        while let request = queue.removeFirst() {
            switch request.kind {
            case .query, .functionCall, .sync:
                if let ticket = request.ticket { events.close(ticket, request.draft?.event(.unfinished, at: time)) }
                return endBatch(status, at: time)
            case .parse, .bind, .describe, .close, .execute, .copyEnd, .unseen:
                // Without an answer although its batch is over: the answer was lost in a hole.
                if let ticket = request.ticket { events.close(ticket, request.draft?.event(.unfinished, at: time)) }
            }
        }
        endBatch(status, at: time)
    }

    /// A simple query's statement that got no answer of its own: there was nothing to run.
    private mutating func notRun(
        _ request: PostgresPendingRequest, _ ticket: EventQueue.Ticket, at time: Timestamp
    ) {
        events.close(ticket, request.draft?.event(.unfinished, at: time))
    }
}
