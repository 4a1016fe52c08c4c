import Protocols

/// A request under way, as far as the judge has to know it.
struct PostgresRequest: Sendable {
    enum Kind: Sendable {
        case parse
        case bind
        case describe
        case execute
        case closeStatement
        case closePortal
        case sync
        /// A simple query or a function call: it ends with a ReadyForQuery of its own.
        case query
        /// CopyDone or CopyFail, sent before the server had asked for data.
        case copyEnd

        var hasOwnReady: Bool { self == .sync || self == .query }
    }

    var kind: Kind
    /// `nil` for a request that changes no name and is no poison, as most are.
    var effect: Effect?

    /// What a request makes, closes or changes. Shared, so that to follow a request copies one reference.
    final class Effect: Sendable {
        /// The statement or the portal that it makes or closes.
        let name: [UInt8]
        /// What it puts under that name: one statement of several, where that is not certain yet; none, where it is not known.
        let statements: [PreparedStatement]
        /// Names of statements that it changes by SQL.
        let forgets: Forgetting?
        /// It is a poison in place of what was refused for this reason.
        let refusal: PostgresRefusal?

        init(
            name: [UInt8] = [], statements: [PreparedStatement] = [], forgets: Forgetting? = nil,
            refusal: PostgresRefusal? = nil
        ) {
            self.name = name
            self.statements = statements
            self.forgets = forgets
            self.refusal = refusal
        }
    }

    init(_ kind: Kind, _ effect: Effect? = nil) {
        self.kind = kind
        self.effect = effect
    }

    /// What changes names of statements by SQL, or does not.
    init(_ kind: Kind, forgets: Forgetting?) {
        self.init(kind, forgets.map { Effect(forgets: $0) })
    }

    func refused(_ refusal: PostgresRefusal) -> PostgresRequest {
        PostgresRequest(
            kind,
            Effect(
                name: effect?.name ?? [], statements: effect?.statements ?? [], forgets: effect?.forgets,
                refusal: refusal))
    }
}

/// What was read of a statement that can be executed again.
struct PreparedStatement: Sendable {
    var reading: StatementJudge.Reading
    /// The text as it may be shown, where a question is to be expected.
    var text: String?
}

/// The requests that the server has not answered yet, first in, first out, kept in step with its answers (manual §55.2).
struct PostgresRequests: Sendable {
    private var requests = Fifo<PostgresRequest>()
    /// The server has met an error and skips what comes up to the next Sync.
    private var isSkipping = false
    /// The server reads COPY data, and ignores Sync meanwhile.
    private var isCopying = false
    /// A Sync was left out of account because the server, reading COPY data, should have ignored it.
    private var hasIgnoredSync = false
    /// The server gave up a COPY, at a place in the data that nobody knows, and may have heeded such a Sync after all: from
    /// then on its answers cannot be told apart.
    private(set) var isLost = false

    /// Parse and Bind messages among the requests; counts.
    private var parses = 0
    private var binds = 0

    /// Nobody has followed what is under way.
    mutating func startOver() {
        let wasLost = isLost
        self = PostgresRequests()
        isLost = wasLost
    }

    func hasPending(_ kind: PostgresRequest.Kind) -> Bool { kind == .parse ? parses > 0 : binds > 0 }

    /// Requests that are not answered yet.
    var count: Int { requests.count }
    /// 0 is the one that is answered next.
    func kind(at index: Int) -> PostgresRequest.Kind { requests[index].kind }
    func effect(at index: Int) -> PostgresRequest.Effect? { requests[index].effect }

    private var nextKind: PostgresRequest.Kind? { requests.isEmpty ? nil : requests[0].kind }

    mutating func sent(_ request: PostgresRequest) {
        switch request.kind {
        case .sync:
            if isCopying {
                hasIgnoredSync = true
                return
            }
            isSkipping = false
        case .copyEnd:
            if exchange(&isCopying, with: false) { return }
        default: break
        }
        guard !isSkipping else { return }
        count(request, 1)
        requests.append(request)
    }

    /// The server has carried out its first request, if that is of one of these kinds.
    mutating func completed(_ kind: PostgresRequest.Kind, or other: PostgresRequest.Kind) -> PostgresRequest? {
        dropCopyEnds()
        guard let next = nextKind, next == kind || next == other else { return nil }
        isCopying = false
        hasIgnoredSync = false
        return removeFirst()
    }

    /// The request that an error is about; all that the server skips is dropped.
    mutating func failed() -> PostgresRequest? {
        dropCopyEnds()
        isCopying = false
        if exchange(&hasIgnoredSync, with: false) { isLost = true }
        guard let failed = requests.first, failed.kind != .sync else { return nil }
        guard failed.kind != .query else { return failed }
        while let next = nextKind, next != .sync { _ = removeFirst() }
        isSkipping = requests.isEmpty
        return failed
    }

    /// A ReadyForQuery: everything up to the Sync or the query that it belongs to is over, and the server skips nothing.
    mutating func ready() -> PostgresRequest? {
        isCopying = false
        hasIgnoredSync = false
        if requests.isEmpty { isSkipping = false }
        while let request = removeFirst() {
            if request.kind.hasOwnReady { return request }
        }
        return nil
    }

    /// The server takes COPY data from here on, and ignores each Sync up to the end of them.
    mutating func copyBegan() {
        isCopying = true
        var index = 1
        while isCopying, index < requests.count {
            if requests[index].kind == .copyEnd { isCopying = false }
            if requests[index].kind == .sync { hasIgnoredSync = true }
            if requests[index].kind == .copyEnd || requests[index].kind == .sync {
                requests.remove(at: index)
            } else {
                index += 1
            }
        }
    }

    private mutating func count(_ request: PostgresRequest, _ change: Int) {
        if request.kind == .parse { parses += change }
        if request.kind == .bind { binds += change }
    }

    private mutating func dropCopyEnds() {
        while nextKind == .copyEnd { _ = removeFirst() }
    }

    private mutating func removeFirst() -> PostgresRequest? {
        let request = requests.popFirst()
        if let request { count(request, -1) }
        return request
    }
}
