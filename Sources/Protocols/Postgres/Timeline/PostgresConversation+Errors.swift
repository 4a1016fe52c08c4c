// Errors, and what a server says on its own account (manual §55.2.6, §55.2.7).

extension PostgresConversation {
    mutating func failed(_ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp) {
        if login.isOpen, !login.isAuthenticated || queue.isEmpty { return loginFailed(error, offset, length, at: time) }
        guard let first = queue.first, !first.isSync else { return lonely(error, offset, length, at: time) }
        switch first.kind {
        case .query(let statements, _): failQuery(error, statements, offset, length, at: time)
        case .functionCall: failFirst(error, offset, length, at: time)
        default: failExtended(error, offset, length, at: time)
        }
    }

    /// The statement fails, and those after it in the same simple query are not run.
    private mutating func failQuery(
        _ error: PostgresErrorFacts, _ statements: [String], _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        let asked = queue.first?.asked ?? queue.first?.draft?.asked
        failFirst(error, offset, length, at: time)
        guard let asked else { return }
        for statement in statements.dropFirst().prefix(Self.batchMaximum) {
            var draft = PostgresStatementDraft(title: statement, asked: PostgresAsked(start: time, range: asked.range))
            draft.sentBytes = 0
            end(draft, .skipped, ticket: nil, at: time)
        }
        _ = queue.changeFirst { $0.kind = .query(statements: [], sql: "") }
    }

    /// The head's statement fails; the head stays, for ReadyForQuery.
    private mutating func failFirst(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        change(offset, length, at: time) { _ in }
        let failed = queue.changeFirst { first in
            (exchange(&first.draft, with: nil), exchange(&first.ticket, with: nil))
        }
        if let (draft, ticket) = failed, let draft { end(draft, .failed(error), ticket: ticket, at: time) }
    }

    /// The request fails, and those after it up to the next Sync are skipped.
    private mutating func failExtended(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        guard var request = queue.removeFirst() else { return }
        if let undo = request.undo { undos.append(undo) }
        if !request.isExecute {
            failedStatementID = request.statementID
            if let execute = executeOfBatch(request.statementID) { request.draft = execute }
        }
        if var draft = request.draft {
            draft.answered(offset, length)
            end(draft, .failed(error), ticket: request.ticket, at: time)
        } else {
            lonely(error, offset, length, at: time)
        }
        skips = true
        while let isSkipped = queue.changeFirst({ $0.isSkippable }), isSkipped, let next = queue.removeFirst() {
            skip(next)
        }
        if queue.changeFirst({ $0.isSync }) ?? false { endSkipping() }
    }

    /// The Execute that a failed Parse or Bind was meant for knows the parameters.
    private mutating func executeOfBatch(_ statementID: UInt64) -> PostgresStatementDraft? {
        var found: PostgresStatementDraft?
        guard statementID != 0 else { return nil }
        queue.forEachOfBatch { request in
            if request.isExecute, request.statementID == statementID { found = request.draft }
            return found == nil
        }
        return found
    }

    /// An error that belongs to no statement: the server ends the session, or the commit at Sync fails.
    private mutating func lonely(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        let isCommit = queue.changeFirst { $0.isSync } ?? false
        var event = TimelineEvent(
            sequence: 0, start: time, kind: "postgres.error",
            title: isCommit ? "commit of the batch" : "the server says",
            outcome: .failed(code: error.code, message: error.message), response: offset..<offset &+ length)
        event.fields = error.fields
        events.add(event)
    }

    // MARK: Not asked for

    mutating func notice(_ notice: PostgresErrorFacts, at time: Timestamp) {
        if login.isOpen { return login.notices.append(notice.line) }
        let isTold = queue.changeFirst { first in
            first.draft?.notice(notice.line)
            return first.draft != nil
        }
        guard isTold != true else { return }
        guard batch.isEmpty else { return batch[batch.count - 1].remark("notices", notice.line) }
        var event = TimelineEvent(sequence: 0, start: time, kind: "postgres.notice", title: notice.message)
        if !notice.code.isEmpty { event.add("code", .text(notice.code)) }
        event.fields += notice.fields
        events.add(event)
    }

    mutating func notification(
        _ notification: PostgresMessage.Notification, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        var event = TimelineEvent(
            sequence: 0, start: time, kind: "postgres.notification", title: text(notification.channel, bytes),
            response: offset..<offset &+ UInt64(bytes.count))
        event.add("payload", .text(text(notification.payload, bytes)))
        event.add("processID", .integer(Int64(notification.processID)))
        events.add(event)
    }

    mutating func setting(_ status: PostgresMessage.ParameterStatus, _ bytes: Span<UInt8>, at time: Timestamp) {
        if login.isOpen, !login.wantsSettings { return }
        let name = text(status.name, bytes)
        let value = text(status.value, bytes)
        if login.isOpen { return login.set(name, value) }
        let line = "\(name) = \(value)"
        let isTold = queue.changeFirst { first in
            first.draft?.setting(line)
            return first.draft != nil
        }
        guard isTold != true else { return }
        // A change by SET is told once the statement has ended, just before ReadyForQuery.
        guard batch.isEmpty else { return batch[batch.count - 1].remark("settings", line) }
        events.add(TimelineEvent(sequence: 0, start: time, kind: "postgres.setting", title: line))
    }
}
