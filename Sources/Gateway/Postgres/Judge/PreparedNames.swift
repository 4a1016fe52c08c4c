import Protocols

/// What the names of a session's prepared statements and portals stand for, as far as the server has confirmed it and as
/// requests under way may change it.
struct PreparedNames: Sendable {
    private var statements: [[UInt8]: [PreparedStatement]] = [:]
    private var portals: [[UInt8]: [PreparedStatement]] = [:]
    private let limit: Int

    /// How far back requests under way are looked through.
    private static let reach = 1_000

    /// - Parameter limit: names that are kept. What goes beyond is not known, and so refused wherever a rule could apply.
    init(limit: Int) { self.limit = limit }

    /// What a Bind to this statement may run; empty when that is not known.
    func statements(_ name: [UInt8], _ requests: PostgresRequests) -> [PreparedStatement] {
        candidates(name, .parse, statements[name], requests)
    }

    /// What an Execute of this portal may run; empty when that is not known.
    func portal(_ name: [UInt8], _ requests: PostgresRequests) -> [PreparedStatement] {
        candidates(name, .bind, portals[name], requests)
    }

    /// If the last request for the name since the last Sync fails, so does what follows it, and nothing else can be meant.
    /// One before a Sync may have failed alone: then what was there before still is.
    private func candidates(
        _ name: [UInt8], _ kind: PostgresRequest.Kind, _ confirmed: [PreparedStatement]?, _ requests: PostgresRequests
    ) -> [PreparedStatement] {
        guard requests.hasPending(kind) else { return confirmed ?? [] }
        var found: [PreparedStatement] = []
        var isBeforeSync = false
        var reach = Self.reach
        for request in requests.backwards {
            reach -= 1
            guard reach > 0 else { return [] }
            if request.hasOwnReady { isBeforeSync = true }
            guard request.kind == kind, request.name == name else { continue }
            guard !request.statements.isEmpty else { return [] }
            if !isBeforeSync { return request.statements }
            found += request.statements
        }
        guard !found.isEmpty else { return confirmed ?? [] }
        return found + (confirmed ?? [])
    }

    // MARK: Changes

    /// The server has carried out a request.
    mutating func confirm(_ request: PostgresRequest) {
        switch request.kind {
        case .parse: statements.keep(request.statements, under: request.name, limit)
        case .bind: portals.keep(request.statements, under: request.name, limit)
        case .closeStatement: statements[request.name] = nil
        case .closePortal: portals[request.name] = nil
        case .execute, .query: request.forgets.map { forget($0) }
        case .describe, .sync, .copyEnd: break
        }
    }

    mutating func forget(_ names: Forgetting) {
        switch names {
        case .all: statements = [:]
        case .names(let names): for name in names { statements[name] = nil }
        }
    }

    mutating func forgetAll() {
        statements = [:]
        portals = [:]
    }

    /// No portal outlives its transaction.
    mutating func transactionEnded() {
        if !portals.isEmpty { portals.removeAll(keepingCapacity: true) }
    }
}

extension [[UInt8]: [PreparedStatement]] {
    /// Beyond the limit, and where nothing is known, the name stands for nothing that is known.
    fileprivate mutating func keep(_ new: [PreparedStatement], under name: [UInt8], _ limit: Int) {
        let isKept = !new.isEmpty && (self[name] != nil || count < limit)
        self[name] = isKept ? new : nil
    }
}
