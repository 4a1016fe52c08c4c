// What a server answers (manual §55.2.3 and following).

extension PostgresConversation {
    mutating func answer(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp) {
        let length = UInt64(bytes.count)
        switch message {
        case .dataRow(let row): change(offset, length, at: time) { [selection] in $0.row(row, bytes, selection) }
        case .copyData(let data): change(offset, length, at: time) { $0.copiedBytes &+= UInt64(data.count) }
        case .rowDescription(let description): columns(description, bytes, offset, at: time)
        case .parameterDescription(let description): parameterTypes(description, bytes)
        case .noData: complete(offset, length)
        case .parseComplete, .bindComplete, .closeComplete: complete(offset, length)
        case .commandComplete(let tag):
            ended(PostgresCompletion(bytes.extracting(tag), selection), offset, length, at: time)
        case .emptyQueryResponse: ended(.empty, offset, length, at: time)
        case .portalSuspended: ended(nil, offset, length, at: time)
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
    @inline(__always)
    mutating func change(
        _ offset: UInt64, _ length: UInt64, at time: Timestamp, _ body: (inout PostgresStatementDraft) -> Void
    ) {
        if !queue.hasDraft { openStatement(at: time) }
        guard queue.hasDraft else { return }
        queue.draft.answered(offset, length)
        body(&queue.draft)
    }

    /// Makes sure that the head of the queue is a statement under way.
    @inline(never)
    private mutating func openStatement(at time: Timestamp) {
        dropCopyEnds()
        guard !queue.hasStatement() else { return }
        switch queue.firstKind {
        case nil:
            let asked = PostgresAsked(start: time, range: 0..<0)
            queue.append(
                PostgresPendingRequest(kind: .unseen, ticket: events.open()),
                PostgresStatementDraft(title: "(asked before this begins)", asked: asked, sentBytes: 0))
        case .query: queue.beginStatement(events.open(), at: time)
        default: break
        }
    }

    private mutating func dropCopyEnds() {
        while queue.firstKind == .copyEnd { queue.removeFirst() }
    }

    /// ParseComplete, BindComplete, CloseComplete, NoData: the request is carried out and not worth an event of its own.
    private mutating func complete(_ offset: UInt64, _ length: UInt64) {
        dropCopyEnds()
        guard let kind = queue.firstKind, kind.isSkippable, kind != .execute else { return }
        if let ticket = queue.first.ticket { events.close(ticket) }
        let id = queue.first.statementID
        if id != 0 { forgetAsked() }
        let remarked = queue.hasDraft ? queue.draft : nil
        queue.removeFirst()
        guard id != 0 else { return }
        // The answer, and what the server remarked on the way, belongs to the statement to be executed.
        queue.changeExecute(of: id) { execute in
            execute.answered(offset, length)
            if let remarked { execute.takeRemarks(of: remarked) }
        }
    }

    /// What is answered already is not part of an Execute that comes later.
    private mutating func forgetAsked() {
        if let portal = queue.first.portal {
            portals.change(portal.name) { if $0.portal.statement.id == portal.statement.id { $0.asked = nil } }
        } else if queue.first.kind == .parse, let statement = queue.first.statement {
            statements.change(statement.name) { if $0.statement.id == statement.id { $0.asked = nil } }
        }
    }

    /// The types of the columns to come: of the statement that Describe named, or of the rows that follow.
    private mutating func columns(
        _ description: PostgresMessage.RowDescription, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        let columns = PostgresColumns(description, bytes, selection)
        dropCopyEnds()
        guard queue.firstKind == .describe else {
            return change(offset, UInt64(bytes.count), at: time) { $0.columns = columns }
        }
        learn { $0.described(columns: columns) }
        complete(offset, UInt64(bytes.count))
    }

    /// A description too long to be read.
    mutating func described(_ offset: UInt64, _ length: UInt64, at time: Timestamp) {
        dropCopyEnds()
        if queue.firstKind == .describe { complete(offset, length) } else { change(offset, length, at: time) { _ in } }
    }

    private mutating func parameterTypes(
        _ description: PostgresMessage.ParameterDescription, _ bytes: Span<UInt8>
    ) {
        dropCopyEnds()
        guard queue.firstKind == .describe else { return }
        let types = PostgresParameters.types(description.types, in: bytes)
        learn { $0.described(parameterTypes: types) }
    }

    /// What the Describe that the server is at tells holds for its statement, and for the executions asked for already.
    private mutating func learn(_ tell: (PostgresStatement) -> PostgresStatement) {
        guard let told = queue.first.statement, told.id != 0 else { return }
        let statement = tell(told)
        statements.change(statement.name) { if $0.statement.id == statement.id { $0.statement = statement } }
        queue.learn(statement)
    }

    private mutating func begin(
        _ copy: PostgresStatementDraft.Copy, _ response: PostgresMessage.CopyResponse, _ offset: UInt64,
        _ length: UInt64, at time: Timestamp
    ) {
        change(offset, length, at: time) {
            $0.kind = .copy
            $0.copy = copy
            $0.copiesText = response.format == .text
        }
        if copy != .out { queue.dropSyncsDuringCopy() }
    }

    // MARK: Ends

    /// CommandComplete, EmptyQueryResponse, or PortalSuspended (no completion): the statement is over, or the Execute is.
    private mutating func ended(
        _ completion: PostgresCompletion?, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        change(offset, length, at: time) { $0.completion = completion }
        let hasEnded = endFirst(completion == nil ? .suspended : .succeeded, at: time)
        if hasEnded, queue.firstKind != .query { queue.removeFirst() }
    }

    mutating func functionResult(
        _ value: PostgresValue, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        change(offset, UInt64(bytes.count), at: time) {
            $0.functionResult = PostgresStatementDraft.show(
                value, bytes, type: $0.functionResultType, format: $0.functionResultFormat)
        }
        _ = endFirst(.succeeded, at: time)
    }

    /// The end of a simple query, a function call or an extended batch.
    private mutating func ready(_ status: PostgresMessage.TransactionStatus, at time: Timestamp) {
        if login.isOpen { loggedIn(at: time) }
        // One that has not ended although its batch has: its answer was lost in a hole, or there was nothing to run.
        while let kind = giveUpFirst(at: time), kind != .query, kind != .functionCall, kind != .sync {}
        endBatch(status, at: time)
    }
}
