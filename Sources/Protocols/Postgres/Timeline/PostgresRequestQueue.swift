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
    private var requests: [PostgresPendingRequest] = []
    private var head = 0

    var count: Int { requests.count - head }
    var isEmpty: Bool { count == 0 }

    /// The one that the server is at.
    var first: PostgresPendingRequest? { isEmpty ? nil : requests[head] }

    /// Changes the first one in place; `nil` when there is none.
    mutating func changeFirst<Result>(_ change: (inout PostgresPendingRequest) -> Result) -> Result? {
        isEmpty ? nil : change(&requests[head])
    }

    mutating func append(_ request: PostgresPendingRequest) { requests.append(request) }

    mutating func removeFirst() -> PostgresPendingRequest? {
        guard !isEmpty else { return nil }
        let request = requests[head]
        head += 1
        if head == requests.count {
            requests.removeAll(keepingCapacity: head <= 64)
            head = 0
        } else if head >= 256, head * 2 >= requests.count {
            requests.removeFirst(head)
            head = 0
        }
        return request
    }

    /// Visits the next requests up to the next Sync, in order, until `visit` returns false; at most `limit`.
    mutating func forEachOfBatch(limit: Int = 1000, _ visit: (inout PostgresPendingRequest) -> Bool) {
        var index = head
        while index < requests.count, index < head + limit, !requests[index].isSync {
            guard visit(&requests[index]) else { return }
            index += 1
        }
    }

    /// The last one that may take COPY data.
    mutating func changeLastStatement(_ change: (inout PostgresStatementDraft) -> Void) {
        var index = requests.count - 1
        while index >= head, index >= requests.count - 8 {
            if requests[index].draft != nil {
                change(&requests[index].draft!)
                return
            }
            index -= 1
        }
    }

    /// Takes out the Syncs that a server ignores while it reads COPY data: those before the client's end of it.
    mutating func dropSyncsDuringCopy() {
        var index = head + 1
        while index < requests.count, !requests[index].isCopyEnd {
            if requests[index].isSync { requests.remove(at: index) } else { index += 1 }
        }
    }
}
