/// One request that the server has not answered yet.
struct PostgresPendingRequest: Sendable {
    enum Kind: Sendable {
        /// A simple query: the texts of its statements, and how many of them are answered.
        case query(statements: [String], sql: String)
        case parse
        case bind
        case describe
        case close
        case execute
        case functionCall
        case sync
        /// The client's CopyDone or CopyFail, sent before the server had asked for data.
        case copyEnd
        /// What is being answered was asked before the recording, or what is seen of it, begins.
        case unseen
    }

    var kind: Kind
    /// The statement that it makes, fails or describes; 0 for none.
    var statementID: UInt64 = 0
    var statementName = ""
    /// Where its event stands in the order; `nil` when it has none yet.
    var ticket: EventQueue.Ticket?
    var draft: PostgresStatementDraft?
    /// Where a simple query stands, once its first statement has ended.
    var asked: PostgresAsked?
    /// What it changed at once, to be taken back if the server does not carry it out.
    var undo: PostgresUndo?

    init(_ kind: Kind) { self.kind = kind }

    var isSync: Bool { if case .sync = kind { true } else { false } }
    var isCopyEnd: Bool { if case .copyEnd = kind { true } else { false } }
    var isDescribe: Bool { if case .describe = kind { true } else { false } }
    var isExecute: Bool { if case .execute = kind { true } else { false } }

    /// Whether the server reads COPY data for it, and ignores Sync meanwhile.
    var takesCopyData: Bool {
        guard let draft, let copy = draft.copy else { return false }
        return copy != .out && !draft.copyHasEnded
    }

    /// Whether the server skips it after an error: all of the extended query protocol but Sync.
    var isSkippable: Bool {
        switch kind {
        case .parse, .bind, .describe, .close, .execute, .copyEnd: true
        case .query, .functionCall, .sync, .unseen: false
        }
    }
}

/// What stood under a name before a request changed it.
struct PostgresUndo: Sendable {
    enum Before: Sendable {
        case statement(PostgresStatement?)
        case portal(PostgresPortal?)
    }

    var name: String
    var before: Before
    /// The statement under the name since, or of the portal under it; 0 for none. If it is another by now, there is nothing
    /// to take back.
    var madeID: UInt64
}

/// The requests under way, first in, first out.
struct PostgresRequestQueue: Sendable {
    private var requests = Fifo<PostgresPendingRequest>()

    var count: Int { requests.count }
    var isEmpty: Bool { requests.isEmpty }

    /// The one that the server is at.
    var first: PostgresPendingRequest? { requests.first }

    /// What the server is asked to describe now: a statement's number and name, 0 and "" where nobody knows it.
    mutating func described() -> (statementID: UInt64, statementName: String)? {
        changeFirst { $0.isDescribe ? ($0.statementID, $0.statementName) : nil } ?? nil
    }

    /// Changes the first one in place; `nil` when there is none.
    mutating func changeFirst<Result>(_ change: (inout PostgresPendingRequest) -> Result) -> Result? {
        isEmpty ? nil : change(&requests[0])
    }

    /// The first one's statement has ended; `nil` where none is under way.
    mutating func endFirst(
        _ result: PostgresStatementDraft.Result, at time: Timestamp
    ) -> (event: TimelineEvent, ticket: EventQueue.Ticket?)? {
        let ended = changeFirst { first -> (event: TimelineEvent, ticket: EventQueue.Ticket?)? in
            guard first.draft != nil else { return nil }
            let event = first.draft!.event(result, at: time)
            first.asked = first.draft!.asked
            first.draft = nil
            return (event, exchange(&first.ticket, with: nil))
        }
        return ended ?? nil
    }

    mutating func append(_ request: consuming PostgresPendingRequest) { requests.append(request) }

    mutating func removeFirst() -> PostgresPendingRequest? { requests.popFirst() }

    /// Visits the next requests up to the next Sync, in order, until `visit` returns false; at most `limit`.
    mutating func forEachOfBatch(limit: Int = 1000, _ visit: (inout PostgresPendingRequest) -> Bool) {
        var index = 0
        while index < min(count, limit), !requests[index].isSync {
            guard visit(&requests[index]) else { return }
            index += 1
        }
    }

    /// The last one that may take COPY data.
    mutating func changeLastStatement(_ change: (inout PostgresStatementDraft) -> Void) {
        for index in stride(from: count - 1, through: max(0, count - 8), by: -1) where requests[index].draft != nil {
            return change(&requests[index].draft!)
        }
    }

    /// Takes out the Syncs that a server ignores while it reads COPY data: those before the client's end of it.
    mutating func dropSyncsDuringCopy() {
        var index = 1
        while index < count, !requests[index].isCopyEnd {
            if requests[index].isSync { requests.remove(at: index) } else { index += 1 }
        }
    }
}
