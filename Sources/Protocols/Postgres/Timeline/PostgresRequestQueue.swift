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
    private(set) var asked: PostgresAsked?
    /// Where its event stands in the order; `nil` when it has none yet.
    var ticket: EventQueue.Ticket?
    /// The statement that it makes, fails or describes; `nil` for none.
    var statement: PostgresStatement?
    /// What Bind makes of it.
    private(set) var portal: PostgresPortal?
    /// What it changed at once, to be taken back if the server does not carry it out.
    private(set) var undo: PostgresUndo?
    /// A simple query's text, and its statements that are not begun, the last one first.
    var sql = ""
    var statementsLeft: [String] = []
    /// Whether the queue holds its draft.
    fileprivate(set) var hasDraft = false

    /// 0 for none that was seen being made.
    var statementID: UInt64 { statement?.id ?? 0 }

    fileprivate func isExecute(of statementID: UInt64) -> Bool {
        kind == .execute && self.statementID == statementID
    }

    /// The draft of a Parse or Bind.
    fileprivate func makeDraft() -> PostgresStatementDraft? {
        guard let statement, let asked else { return nil }
        return PostgresStatementDraft(statement, portal, asked: asked)
    }

    /// Whether the server skips it after an error: all of the extended query protocol but Sync.
    var isSkippable: Bool { kind.isSkippable }
}

extension PostgresPendingRequest.Kind {
    var isSkippable: Bool {
        switch self {
        case .parse, .bind, .describe, .close, .execute, .copyEnd: true
        case .query, .functionCall, .sync, .unseen: false
        }
    }
}

/// What stood under a name before a request changed it.
enum PostgresUndo: Sendable {
    case statement(name: String, PostgresPreparedStatement?)
    case portal(name: String, PostgresOpenPortal?)
}

/// The requests under way, first in, first out.
///
/// Both kinds of element are big. So they are looked at and changed where they lie, and what is over stays there until nothing
/// is under way, or much is over.
struct PostgresRequestQueue: Sendable {
    /// Room for so many is kept when nothing is under way.
    private static let kept = 16
    /// So many may be over and still be there.
    private static let overMaximum = 32

    private var requests: [PostgresPendingRequest] = []
    /// Where the first one under way lies.
    private var head = 0
    /// Of those that have one, in the same order. Apart, because most requests have none.
    private var drafts: [PostgresStatementDraft] = []
    private var draftHead = 0

    var count: Int { requests.count - head }
    var isEmpty: Bool { count == 0 }

    /// What the server is at, where something is under way.
    var first: PostgresPendingRequest {
        _read { yield requests.span[head] }
        _modify { yield &requests[head] }
    }

    /// What the server is at; `nil`: nothing.
    var firstKind: PostgresPendingRequest.Kind? { isEmpty ? nil : first.kind }

    mutating func append(_ request: consuming PostgresPendingRequest) { requests.append(consume request) }

    mutating func append(_ request: consuming PostgresPendingRequest, _ draft: consuming PostgresStatementDraft) {
        request.hasDraft = true
        requests.append(consume request)
        drafts.append(consume draft)
    }

    /// The first one is over, and so is its draft.
    mutating func removeFirst() {
        if hasDraft { removeDraft() }
        head += 1
        if isEmpty {
            requests.removeAll(keepingCapacity: requests.capacity <= Self.kept)
            if !drafts.isEmpty { drafts.removeAll(keepingCapacity: drafts.capacity <= Self.kept) }
            (head, draftHead) = (0, 0)
        } else if head >= Self.overMaximum, head >= count {
            requests.removeFirst(head)
            drafts.removeFirst(draftHead)
            (head, draftHead) = (0, 0)
        }
    }

    /// Takes out the Syncs that a server ignores while it reads COPY data: those before the client's end of it.
    mutating func dropSyncsDuringCopy() {
        var index = head + 1
        while index < requests.count {
            let kind = requests.span[index].kind
            if kind == .copyEnd { return }
            if kind == .sync { requests.remove(at: index) } else { index += 1 }
        }
    }
}

/// Drafts.
extension PostgresRequestQueue {
    /// Whether the first one has a draft.
    var hasDraft: Bool {
        @inline(__always) get { !isEmpty && first.hasDraft }
    }

    /// The first one's draft, where it has one.
    var draft: PostgresStatementDraft {
        _read { yield drafts.span[draftHead] }
        _modify { yield &drafts[draftHead] }
    }

    /// The first one's draft is over; the request stays.
    mutating func removeDraft() {
        first.hasDraft = false
        draftHead += 1
    }

    /// Gives the first one, which has none, a draft.
    private mutating func begin(_ draft: PostgresStatementDraft) {
        first.hasDraft = true
        if draftHead > 0 {
            draftHead -= 1
            drafts[draftHead] = draft
        } else {
            drafts.insert(draft, at: 0)
        }
    }

    /// Whether the first one has a draft. Parse and Bind get one only now, when their answer turns out to be worth being told.
    mutating func hasStatement() -> Bool {
        guard !isEmpty, !first.hasDraft else { return !isEmpty }
        guard first.kind == .parse || first.kind == .bind, let draft = first.makeDraft() else { return false }
        begin(draft)
        return true
    }

    /// A simple query goes on with its next statement, or with whatever is answered where there is none.
    mutating func beginStatement(_ ticket: EventQueue.Ticket, at time: Timestamp) {
        first.ticket = ticket
        let asked = PostgresAsked(start: time, range: first.asked?.range ?? 0..<0)
        let title = first.statementsLeft.popLast() ?? first.sql
        begin(PostgresStatementDraft(title: title, asked: asked, sentBytes: 0))
    }

    /// Changes the draft of the batch's next Execute of a statement.
    @inline(__always)
    mutating func changeExecute(of statementID: UInt64, _ body: (inout PostgresStatementDraft) -> Void) {
        var draft = draftHead
        for index in batch {
            let isWanted = requests.span[index].isExecute(of: statementID)
            if isWanted { return body(&drafts[draft]) }
            if requests.span[index].hasDraft { draft += 1 }
        }
    }

    /// Describe has told of a statement: that holds for what the batch has asked for already.
    mutating func learn(_ statement: PostgresStatement) {
        var draft = draftHead
        for index in batch {
            let isOfStatement = requests.span[index].statementID == statement.id
            if isOfStatement { requests[index].statement = statement }
            guard requests.span[index].hasDraft else { continue }
            if isOfStatement { drafts[draft].learn(statement) }
            draft += 1
        }
    }

    /// Where the requests lie up to the next Sync, as far as they are looked at.
    private var batch: Range<Int> {
        let requests = requests.span
        var end = head
        while end < min(requests.count, head + 1000), requests[end].kind != .sync { end += 1 }
        return head..<end
    }

    /// The last one that may take COPY data.
    @inline(__always)
    mutating func changeLastDraft(_ change: (inout PostgresStatementDraft) -> Void) {
        if drafts.count > draftHead { change(&drafts[drafts.count - 1]) }
    }
}
