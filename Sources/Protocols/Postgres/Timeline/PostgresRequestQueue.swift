/// One request that the server has not answered yet.
struct PostgresPendingRequest: Sendable {
    enum Kind: Sendable {
        case query
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

    let kind: Kind
    /// Where it stands in the client's stream; `nil` for one without an event of its own.
    let asked: PostgresAsked?
    /// Where its event stands in the order; `nil` when it has none yet.
    var ticket: EventQueue.Ticket?
    /// The statement that it makes, fails or describes; `nil` for none.
    var statement: PostgresStatement?
    /// What Bind makes of it.
    let portal: PostgresPortal?
    /// What it changed at once, to be taken back if the server does not carry it out.
    let undo: PostgresUndo?
    /// A simple query's text, and its statements that are not begun, the last one first.
    var sql: String
    var statementsLeft: [String]
    /// Whether the queue holds its draft.
    fileprivate(set) var hasDraft = false

    init(
        _ kind: Kind, asked: PostgresAsked? = nil, ticket: EventQueue.Ticket? = nil,
        statement: PostgresStatement? = nil, portal: PostgresPortal? = nil, undo: PostgresUndo? = nil,
        sql: String = "", statementsLeft: [String] = []
    ) {
        self.kind = kind
        self.asked = asked
        self.ticket = ticket
        self.statement = statement
        self.portal = portal
        self.undo = undo
        self.sql = sql
        self.statementsLeft = statementsLeft
    }

    /// 0 for none that was seen being made.
    var statementID: UInt64 { statement?.id ?? 0 }

    /// The draft of a Parse or Bind.
    fileprivate mutating func makeDraft() -> PostgresStatementDraft? {
        guard let statement, let asked else { return nil }
        hasDraft = true
        return PostgresStatementDraft(statement, portal, asked: asked)
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
        case statement(PostgresPreparedStatement?)
        case portal(PostgresOpenPortal?)
    }

    let name: String
    let before: Before
    /// The statement under the name since, or of the portal under it; 0 for none. If it is another by now, there is nothing
    /// to take back.
    let madeID: UInt64
}

/// The requests under way, first in, first out.
struct PostgresRequestQueue: Sendable {
    private var requests = Fifo<PostgresPendingRequest>()
    /// Of those that have one, in the same order. Apart, because most requests have none, and drafts are big.
    private var drafts = Fifo<PostgresStatementDraft>()

    var count: Int { requests.count }
    var isEmpty: Bool { requests.isEmpty }

    /// What the server is at; `nil`: nothing.
    var firstKind: PostgresPendingRequest.Kind? {
        mutating get { changeFirst { $0.kind } }
    }

    mutating func append(_ request: consuming PostgresPendingRequest) { requests.append(request) }

    mutating func append(_ request: consuming PostgresPendingRequest, _ draft: consuming PostgresStatementDraft) {
        request.hasDraft = true
        requests.append(request)
        drafts.append(draft)
    }

    /// Changes the first one in place; `nil` when there is none.
    @inline(__always)
    mutating func changeFirst<Result>(_ change: (inout PostgresPendingRequest) -> Result) -> Result? {
        isEmpty ? nil : change(&requests[0])
    }

    /// Looks at one where it is: one that is read by index is copied.
    @inline(__always)
    private mutating func change<Result>(_ index: Int, _ change: (inout PostgresPendingRequest) -> Result) -> Result {
        change(&requests[index])
    }

    /// Its draft goes with it.
    mutating func removeFirst() -> PostgresPendingRequest? {
        let request = requests.popFirst()
        if let request, request.hasDraft { _ = drafts.popFirst() }
        return request
    }

    /// Takes out the Syncs that a server ignores while it reads COPY data: those before the client's end of it.
    mutating func dropSyncsDuringCopy() {
        var index = 1
        while index < count {
            let kind = change(index) { $0.kind }
            if kind == .copyEnd { return }
            if kind == .sync { requests.remove(at: index) } else { index += 1 }
        }
    }
}

/// Drafts.
extension PostgresRequestQueue {
    /// Whether the first one has a draft. Parse and Bind get one only now, when their answer turns out to be worth being told.
    mutating func hasStatement() -> Bool {
        let state = changeFirst { (hasDraft: $0.hasDraft, isPlan: $0.kind == .parse || $0.kind == .bind) }
        guard let state, !state.hasDraft else { return state != nil }
        guard state.isPlan, let draft = changeFirst({ $0.makeDraft() }) ?? nil else { return false }
        drafts.prepend(draft)
        return true
    }

    /// Changes the first one's draft in place; false where there is none, and none can be made.
    @inline(__always)
    mutating func changeStatement(_ change: (inout PostgresStatementDraft) -> Void) -> Bool {
        guard hasStatement() else { return false }
        change(&drafts[0])
        return true
    }

    /// Changes the first one's draft in place; `nil` where there is none.
    @inline(__always)
    mutating func changeDraft<Result>(_ change: (inout PostgresStatementDraft) -> Result) -> Result? {
        changeFirst { $0.hasDraft } == true ? change(&drafts[0]) : nil
    }

    /// A simple query goes on with its next statement, or with whatever is answered where there is none.
    mutating func beginStatement(_ ticket: EventQueue.Ticket, at time: Timestamp) {
        let next = changeFirst { first in
            first.ticket = ticket
            first.hasDraft = true
            let asked = PostgresAsked(start: time, range: first.asked?.range ?? 0..<0)
            return PostgresStatementDraft(
                title: first.statementsLeft.popLast() ?? first.sql, asked: asked, sentBytes: 0)
        }
        if let next { drafts.prepend(next) }
    }

    /// Takes the first one's draft; the request stays. `nil` where there is none.
    mutating func takeDraft() -> PostgresStatementDraft? {
        let hasDraft = changeFirst { exchange(&$0.hasDraft, with: false) } ?? false
        return hasDraft ? drafts.popFirst() : nil
    }

    /// Changes the draft of the batch's next Execute of a statement.
    mutating func changeExecute(of statementID: UInt64, _ body: (inout PostgresStatementDraft) -> Void) {
        var draft = 0
        for index in 0..<batchCount {
            let (isWanted, hasDraft) = change(index) {
                ($0.kind == .execute && $0.statementID == statementID, $0.hasDraft)
            }
            if isWanted { return body(&drafts[draft]) }
            if hasDraft { draft += 1 }
        }
    }

    /// Describe has told of a statement: that holds for what the batch has asked for already.
    mutating func learn(_ statement: PostgresStatement) {
        var draft = 0
        for index in 0..<batchCount {
            let (isOfStatement, hasDraft) = change(index) {
                let isOfStatement = $0.statementID == statement.id
                if isOfStatement { $0.statement = statement }
                return (isOfStatement, $0.hasDraft)
            }
            guard hasDraft else { continue }
            if isOfStatement { drafts[draft].learn(statement) }
            draft += 1
        }
    }

    /// How many requests there are up to the next Sync, as far as they are looked at.
    private var batchCount: Int {
        mutating get {
            var end = 0
            while end < min(count, 1000), change(end, { $0.kind }) != .sync { end += 1 }
            return end
        }
    }

    /// The last one that may take COPY data.
    mutating func changeLastDraft(_ change: (inout PostgresStatementDraft) -> Void) {
        if !drafts.isEmpty { change(&drafts[drafts.count - 1]) }
    }
}
