import Protocols

/// Where a listener's callers may go.
public enum PostgresTargets: Sendable {
    /// One server; callers choose its databases.
    case one(PostgresUpstream)
    /// Callers name one as their database.
    case named([PostgresTarget])
}

/// A configured server, by the name that callers give as their database.
public struct PostgresTarget: Sendable {
    public var name: String
    /// Its database is the target's own, whatever callers name.
    public var upstream: PostgresUpstream
    /// Who may go there; `nil`: everybody who is let in.
    public var allowed: Settings.Callers?

    public init(_ name: String, _ upstream: PostgresUpstream, allowed: Settings.Callers? = nil) {
        self.name = name
        self.upstream = upstream
        self.allowed = allowed
    }

    /// Whether this caller may go there.
    func admits(_ identity: Identity) -> Bool {
        guard let allowed else { return true }
        return allowed.users.contains(identity.subject) || identity.groups.contains { allowed.groups.contains($0) }
    }
}

/// Where one session goes, and whose it is.
struct PostgresRoute: Sendable {
    var caller: Identity
    /// In recordings and lists; no credential.
    var target: String
    var upstream: PostgresUpstream
}

extension PostgresTargets {
    /// The route that a startup packet asks for; `nil` where this caller may go nowhere of that name.
    func route(_ request: PostgresStartupRequest, for identity: Identity) -> PostgresRoute? {
        switch self {
        case .one(let upstream):
            return PostgresRoute(caller: identity, target: upstream.name, upstream: upstream)
        case .named(let targets):
            let name = request.value("database") ?? request.value("user")
            guard let target = targets.first(where: { $0.name == name }), target.admits(identity) else { return nil }
            return PostgresRoute(caller: identity, target: target.name, upstream: target.upstream)
        }
    }

    /// All of them, as they are called in recordings.
    var names: [String] {
        switch self {
        case .one(let upstream): [upstream.name]
        case .named(let targets): targets.map(\.name)
        }
    }

    /// The names that this caller may give.
    func names(for identity: Identity) -> [String] {
        switch self {
        case .one: []
        case .named(let targets): targets.filter { $0.admits(identity) }.map(\.name)
        }
    }
}
