public import Adapters

/// What one Postgres listener offers, and to whom. A reload makes a new one: callers who come later get it, sessions that
/// have begun keep theirs.
public struct PostgresService: Sendable {
    /// How callers prove who they are.
    public enum Admission: Sendable {
        /// By the kernel's word on who owns their socket; on loopback only.
        case owner(SystemUser)
    }

    public var admission: Admission
    public var targets: PostgresTargets
    /// What callers may do; `nil`: whatever the upstream lets them.
    public var rules: RuleBook?

    public init(_ admission: Admission, _ targets: PostgresTargets) {
        self.admission = admission
        self.targets = targets
    }

    /// One server, for the user who runs this.
    public init(ownersOnly upstream: PostgresUpstream) {
        self.init(.owner(.current), .one(upstream))
    }

    /// Whether it may be offered on an address that others can reach.
    var isForLoopbackOnly: Bool {
        switch admission {
        case .owner: true
        }
    }
}

/// Where a listener's callers may go.
public enum PostgresTargets: Sendable {
    /// One server; callers choose its databases.
    case one(PostgresUpstream)

    /// As recordings and lists tell them; no credentials.
    var names: [String] {
        switch self {
        case .one(let upstream): [upstream.name]
        }
    }
}
