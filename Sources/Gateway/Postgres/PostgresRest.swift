import Protocols

/// Whether a session rests: every request has had its ReadyForQuery, and no transaction is open (manual §55.2).
struct PostgresRest: Sendable {
    /// What the server still has to answer.
    private enum Owed: UInt8, Sendable {
        /// A simple query, a function call or the login: it ends with a ReadyForQuery of its own.
        case answer
        /// Extended-query messages up to the next Sync, or so far.
        case batch
        /// A Sync: it ends with a ReadyForQuery.
        case sync
        /// CopyDone or CopyFail, sent before the server had asked for data.
        case copyEnd
    }

    private var owed: Fifo<Owed> = {
        var login = Fifo<Owed>()
        login.append(.answer)
        return login
    }()
    /// The server has met an error and skips what comes up to the next Sync.
    private var isSkipping = false
    /// The server reads COPY data, and ignores Sync meanwhile.
    private var isCopying = false
    private var status = PostgresMessage.TransactionStatus.idle

    var isAtRest: Bool { owesNothing && status == .idle }

    /// Every request has been answered to its end.
    var owesNothing: Bool { owed.isEmpty && !isSkipping }

    @inline(__always)
    mutating func saw(_ message: PostgresMessage) {
        switch message {
        case .query, .functionCall, .longRequest(.query), .longRequest(.functionCall): sent(.answer)
        case .longRequest(.copyData): break
        case .parse, .bind, .describe, .execute, .close, .longRequest:
            if owed.last != .batch { sent(.batch) }
        case .sync:
            guard !isCopying else { break }
            isSkipping = false
            sent(.sync)
        case .copyDone, .copyFail:
            if !exchange(&isCopying, with: false) { sent(.copyEnd) }
        case .copyInResponse, .copyBothResponse: copyBegan()
        case .errorResponse, .longResponse(.errorResponse): failed()
        case .readyForQuery(let status):
            self.status = status
            ready()
        default: break
        }
    }

    private mutating func sent(_ request: Owed) {
        if !isSkipping { owed.append(request) }
    }

    private mutating func ready() {
        isCopying = false
        if owed.isEmpty { isSkipping = false }
        while let over = owed.popFirst() {
            if over == .answer || over == .sync { return }
        }
    }

    /// The server skips the rest of a batch, and whatever else comes before the next Sync.
    private mutating func failed() {
        isCopying = false
        guard owed.first == .batch else { return }
        while let next = owed.first, next != .sync { _ = owed.popFirst() }
        isSkipping = owed.isEmpty
    }

    /// Syncs that were sent before the data's end are ignored.
    private mutating func copyBegan() {
        isCopying = true
        var index = 1
        while isCopying, index < owed.count {
            let next = owed[index]
            if next == .copyEnd { isCopying = false }
            if next == .copyEnd || next == .sync { owed.remove(at: index) } else { index += 1 }
        }
    }
}
