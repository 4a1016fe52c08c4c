/// Who asked what, and what came of it: matches answers to requests, in the order that the protocol prescribes.
///
/// A server answers requests one after the other (manual §55.2). So the requests under way form a queue, and every answer
/// belongs to its head. After an error the server skips everything up to the next Sync.
struct PostgresConversation: Sendable {
    static let sqlShown = 64 << 10
    static let heldStatements = 16 << 20
    static let heldParameters = 16 << 20
    /// Statements that wait for the ReadyForQuery that tells what became of the transaction.
    static let batchMaximum = 1000
    /// Room for so many is kept from one batch to the next.
    private static let batchKept = 16

    let limits: WireLimits
    let selection: EventSelection
    /// Whether settings that a server tells at login are worth being kept: a third of all messages are these.
    let tellsLoginSettings: Bool
    var events = EventQueue()
    var login = PostgresLoginDraft()
    var statements: PostgresNames<PostgresPreparedStatement>
    var portals: PostgresNames<PostgresOpenPortal>
    var queue = PostgresRequestQueue()
    var transaction: PostgresMessage.TransactionStatus?
    /// Ended, but the batch they belong to has not.
    var batch: [PostgresEndedStatement] = []
    var nextStatementID: UInt64 = 1
    /// The server failed a request of an extended batch and skips what follows up to this Sync.
    var skips = false
    /// Requests that the server skips, whose changes of names are to be taken back.
    var undone: [PostgresPendingRequest] = []
    /// The statement whose Parse or Bind failed: its Execute, skipped, is told with the failure.
    var failedStatementID: UInt64 = 0
    var lastTime = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
    var hasLoggedOut = false
    /// Long messages: the beginning of what the lane's head announced.
    var longClient: PostgresLongMessage?
    var longServer: PostgresLongMessage?

    init(limits: WireLimits, selection: EventSelection) {
        self.limits = limits
        self.selection = selection
        tellsLoginSettings = PostgresLoginDraft.hasSettings(selection)
        statements = PostgresNames(countMaximum: limits.names, costMaximum: Self.heldStatements)
        portals = PostgresNames(countMaximum: limits.names, costMaximum: Self.heldParameters)
    }

    /// One event of the decoder. `start` is when its first byte came, `time` when its last did.
    @inline(__always)
    mutating func take(
        _ event: WireEvent<PostgresMessage>, _ direction: Direction, _ offset: UInt64, _ bytes: Span<UInt8>,
        start: Timestamp, at time: Timestamp
    ) {
        lastTime = time
        switch event {
        case .message(let message):
            let asked = PostgresAsked(start: start, range: offset..<offset &+ UInt64(bytes.count))
            if direction == .clientToServer {
                request(message, bytes, asked)
            } else {
                answer(message, bytes, offset, at: time)
            }
        case .head(let message, let body): beginLong(message, direction, offset, body ?? 0, start)
        case .body(let isLast): continueLong(direction, bytes, isLast: isLast, at: time)
        case .become: break
        case .opaque(let reason):
            endLogin(.none, at: time)
            events.add(.opaque(reason, direction, offset: offset, at: time))
        }
    }

    /// A hole: what was under way may have been answered in it.
    mutating func gap(_ length: UInt64, _ direction: Direction, offset: UInt64, at time: Timestamp) {
        lastTime = time
        abandon(at: time)
        longClient = nil
        longServer = nil
        events.add(.gap(length, direction, offset: offset, at: time))
    }

    /// Everything under way stays without an answer.
    mutating func abandon(at time: Timestamp) {
        endLogin(.unfinished, at: time)
        endBatch(nil, at: time)
        while giveUpFirst(at: time) != nil {}
        skips = false
    }

    /// The oldest request stays without an answer; `nil` where there is none.
    @discardableResult
    mutating func giveUpFirst(at time: Timestamp) -> PostgresPendingRequest.Kind? {
        guard let kind = queue.firstKind else { return nil }
        if let ticket = queue.first.ticket {
            if queue.hasStatement() {
                events.close(ticket, queue.draft.end(.unfinished, at: time, selection))
            } else {
                events.close(ticket)
            }
        }
        queue.removeFirst()
        return kind
    }

    mutating func finish(at time: Timestamp) { abandon(at: time) }

    // MARK: Ends

    /// The statement that the server was at has ended. False where there is none.
    mutating func endFirst(_ result: PostgresStatementDraft.Result, at time: Timestamp) -> Bool {
        guard queue.hasDraft else { return false }
        let ticket = exchange(&queue.first.ticket, with: nil) ?? events.open()
        events.hold(ticket, queue.draft.end(result, at: time, selection))
        ended(ticket, .init(result), controlsTransaction: queue.draft.controlsTransaction, at: time)
        queue.removeDraft()
        return true
    }

    /// A statement has ended; its event waits for its batch.
    mutating func end(
        _ draft: PostgresStatementDraft, _ result: PostgresStatementDraft.Result, ticket: EventQueue.Ticket?,
        at time: Timestamp
    ) {
        let ticket = ticket ?? events.open()
        var draft = draft
        events.hold(ticket, draft.end(result, at: time, selection))
        ended(ticket, .init(result), controlsTransaction: draft.controlsTransaction, at: time)
    }

    private mutating func ended(
        _ ticket: EventQueue.Ticket, _ end: PostgresEndedStatement.End, controlsTransaction: Bool, at time: Timestamp
    ) {
        batch.append(PostgresEndedStatement(ticket: ticket, end: end, controlsTransaction: controlsTransaction))
        if batch.count > Self.batchMaximum { endBatch(nil, at: time) }
    }

    /// ReadyForQuery: the batch's fate is known. `nil`: it is not.
    mutating func endBatch(_ status: PostgresMessage.TransactionStatus?, at time: Timestamp) {
        let rollsBack =
            transaction == .idle && status == .idle && batch.contains { $0.end == .failed }
            && !batch.contains { $0.controlsTransaction }
        for ended in batch {
            events.settle(ended.ticket) { event in
                if let status, selection.mayHaveField(PostgresFields.transaction) {
                    event.add("transaction", .text(status.words))
                }
                if rollsBack, ended.end == .succeeded { event.add("rolledBack", .boolean(true)) }
            }
        }
        batch.removeAll(keepingCapacity: batch.capacity <= Self.batchKept)
        if let status { transaction = status }
    }
}

/// A statement that has ended in a batch that has not. Its event waits in the queue.
struct PostgresEndedStatement: Sendable {
    enum End: Sendable {
        case succeeded
        case failed
        case other

        init(_ result: PostgresStatementDraft.Result) {
            self =
                switch result {
                case .succeeded: .succeeded
                case .failed: .failed
                case .suspended, .skipped, .unfinished: .other
                }
        }
    }

    let ticket: EventQueue.Ticket
    let end: End
    let controlsTransaction: Bool
}

extension PostgresMessage.TransactionStatus {
    var words: String {
        switch self {
        case .idle: "idle"
        case .inTransaction: "open"
        case .inFailedTransaction: "failed"
        }
    }
}
