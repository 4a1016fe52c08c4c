// Errors, and what a server says on its own account (manual §55.2.6, §55.2.7).

extension PostgresConversation {
    mutating func failed(_ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp) {
        if login.isOpen, !login.isAuthenticated || queue.isEmpty { return loginFailed(error, offset, length, at: time) }
        switch queue.firstKind {
        case nil, .sync: lonely(error, offset, length, at: time)
        case .query: failQuery(error, offset, length, at: time)
        case .functionCall: failFirst(error, offset, length, at: time)
        default: failExtended(error, offset, length, at: time)
        }
    }

    /// The statement fails, and those after it in the same simple query are not run.
    private mutating func failQuery(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        failFirst(error, offset, length, at: time)
        guard let range = queue.first.asked?.range else { return }
        for statement in exchange(&queue.first.statementsLeft, with: []).reversed().prefix(Self.batchMaximum) {
            let asked = PostgresAsked(start: time, range: range)
            let draft = PostgresStatementDraft(title: statement, asked: asked, sentBytes: 0)
            end(draft, .skipped, ticket: nil, at: time)
        }
        queue.first.sql = ""
    }

    /// The head's statement fails; the head stays, for ReadyForQuery.
    private mutating func failFirst(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        change(offset, length, at: time) { _ in }
        _ = endFirst(.failed(error), at: time)
    }

    /// The request fails, and those after it up to the next Sync are skipped.
    private mutating func failExtended(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        var draft = queue.hasStatement() ? queue.draft : nil
        let request = queue.first
        queue.removeFirst()
        if request.undo != nil { undone.append(request) }
        if request.kind != .execute {
            failedStatementID = request.statementID
            // The Execute that a failed Parse or Bind was meant for knows the parameters.
            if failedStatementID != 0 { queue.changeExecute(of: failedStatementID) { draft = $0 } }
        }
        if var draft {
            draft.answered(offset, length)
            end(draft, .failed(error), ticket: request.ticket, at: time)
        } else {
            lonely(error, offset, length, at: time)
        }
        skips = true
        while queue.firstKind?.isSkippable == true {
            skip(queue.first, queue.hasDraft ? queue.draft : nil)
            queue.removeFirst()
        }
        if queue.firstKind == .sync { endSkipping() }
    }

    /// An error that belongs to no statement: the server ends the session, or the commit at Sync fails.
    private mutating func lonely(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        let isCommit = queue.firstKind == .sync
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
        if queue.hasStatement() { return queue.draft.notice(notice.line) }
        if let ended = batch.last { return remark(PostgresFields.notices, notice.line, on: ended) }
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
        if login.isOpen, !tellsLoginSettings { return }
        let name = text(status.name, bytes)
        let value = text(status.value, bytes)
        if login.isOpen { return login.set(name, value) }
        let line = "\(name) = \(value)"
        if queue.hasStatement() { return queue.draft.setting(line) }
        // A change by SET is told once the statement has ended, just before ReadyForQuery.
        if let ended = batch.last { return remark(PostgresFields.settings, line, on: ended) }
        events.add(TimelineEvent(sequence: 0, start: time, kind: "postgres.setting", title: line))
    }

    /// Adds what the server said after a statement's end to a list of its event.
    private mutating func remark(_ name: EventSelection.Name, _ text: String, on ended: PostgresEndedStatement) {
        guard selection.mayHaveField(name) else { return }
        events.change(ended.ticket) { event in
            guard let index = event.fields.firstIndex(where: { $0.name == name.text }) else {
                return event.add(name.text, .list([.text(text)]))
            }
            guard case .list(let texts) = event.fields[index].value, texts.count < PostgresStatementDraft.remarksShown
            else { return }
            event.fields[index].value = .list(texts + [.text(text)])
        }
    }
}
