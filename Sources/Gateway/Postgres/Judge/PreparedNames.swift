import Protocols

/// What the names of a session's prepared statements and portals stand for, as far as the server has confirmed it and as
/// requests under way may change it.
struct PreparedNames: Sendable {
    /// What a Bind of each statement to the unnamed portal does: made once, since that is what clients do over and over.
    private var statements: [[UInt8]: PostgresRequest.Effect] = [:]
    private var portals: [[UInt8]: PostgresRequest.Effect] = [:]
    private var unnamedPortal: PostgresRequest.Effect?
    /// A name that stands for nothing here may stand for something at the server.
    private var hasUnknown = false
    private let limit: Int
    /// The name that is looked for. Kept, so that looking allocates nothing.
    private var key: [UInt8] = []

    /// How far back requests under way are looked through.
    private static let reach = 1_000

    /// - Parameter limit: names that are kept. What goes beyond is not known, and so refused wherever a rule could apply.
    init(limit: Int) { self.limit = limit }

    /// What this Bind does; its statements are empty where it is not known what it may run.
    mutating func bind(
        portal: Span<UInt8>, statement: Span<UInt8>, _ requests: PostgresRequests
    ) -> PostgresRequest.Effect {
        makeKey(of: statement)
        let confirmed = statements[key]
        if portal.isEmpty, !requests.hasPending(.parse) { return confirmed ?? Self.unknown }
        return PostgresRequest.Effect(
            name: [UInt8](copying: portal), statements: candidates(key, .parse, confirmed, requests))
    }

    /// What an Execute of this portal may run; empty when that is not known.
    mutating func portal(_ name: Span<UInt8>, _ requests: PostgresRequests) -> [PreparedStatement] {
        makeKey(of: name)
        return candidates(key, .bind, key.isEmpty ? unnamedPortal : portals[key], requests)
    }

    private static let unknown = PostgresRequest.Effect()

    private mutating func makeKey(of name: Span<UInt8>) {
        key.removeAll(keepingCapacity: true)
        key.append(name)
    }

    /// If the last request for the name since the last Sync fails, so does what follows it, and nothing else can be meant.
    /// One before a Sync may have failed alone: then what was there before still is.
    private func candidates(
        _ name: [UInt8], _ kind: PostgresRequest.Kind, _ confirmed: PostgresRequest.Effect?,
        _ requests: PostgresRequests
    ) -> [PreparedStatement] {
        guard requests.hasPending(kind) else { return confirmed?.statements ?? [] }
        var found: [PreparedStatement] = []
        var isBeforeSync = false
        var index = requests.count
        while index > 0 {
            index -= 1
            guard requests.count - index < Self.reach else { return [] }
            let next = requests.kind(at: index)
            if next.hasOwnReady { isBeforeSync = true }
            guard next == kind, let effect = requests.effect(at: index), effect.name == name else { continue }
            let statements = effect.statements
            guard !statements.isEmpty else { return [] }
            if !isBeforeSync { return statements }
            found += statements
        }
        guard !found.isEmpty else { return confirmed?.statements ?? [] }
        if confirmed == nil, hasUnknown { return [] }
        return found + (confirmed?.statements ?? [])
    }

    // MARK: Changes

    /// The server has carried out a request.
    mutating func confirm(_ request: PostgresRequest) {
        guard let effect = request.effect else { return }
        switch request.kind {
        case .parse:
            let isKept = statements.keep(
                PostgresRequest.Effect(statements: effect.statements), under: effect.name, limit)
            if !isKept { hasUnknown = true }
        case .bind where effect.name.isEmpty: unnamedPortal = effect
        case .bind: if !portals.keep(effect, under: effect.name, limit) { hasUnknown = true }
        case .closeStatement: statements[effect.name] = nil
        case .closePortal where effect.name.isEmpty: unnamedPortal = nil
        case .closePortal: portals[effect.name] = nil
        case .execute, .query: effect.forgets.map { forget($0) }
        case .describe, .sync, .copyEnd: break
        }
    }

    mutating func forget(_ names: Forgetting) {
        switch names {
        case .all: statements = [:]
        case .names(let names):
            for name in names { statements[name] = nil }
            hasUnknown = true
        }
    }

    /// What there may be at the server is not known any more.
    mutating func forgetAll() {
        hasUnknown = true
        statements = [:]
        transactionEnded()
    }

    /// No portal outlives its transaction.
    mutating func transactionEnded() {
        unnamedPortal = nil
        if !portals.isEmpty { portals.removeAll(keepingCapacity: true) }
    }
}

extension [[UInt8]: PostgresRequest.Effect] {
    /// Beyond the limit, and where nothing is known, the name stands for nothing that is known.
    fileprivate mutating func keep(_ new: PostgresRequest.Effect, under name: [UInt8], _ limit: Int) -> Bool {
        let isKept = !new.statements.isEmpty && (self[name] != nil || count < limit)
        self[name] = isKept ? new : nil
        return isKept
    }
}
