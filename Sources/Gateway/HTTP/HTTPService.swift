public import Adapters
public import Protocols
public import Transport

/// What one HTTP listener offers, and to whom. A reload makes a new one: callers who come later get it.
public struct HTTPService: Sendable {
    /// Whom the kernel's word on who owns a socket is enough for; on loopback only.
    public var owner: SystemUser?
    /// Everybody else; `nil`: nobody else is let in.
    public var logins: Logins?
    public var targets: Targets
    /// What callers may do; `nil`: whatever the upstream lets them.
    public var rules: RuleBook?
    /// TLS towards clients; `nil`: plain text.
    public var tls: TLSServerContext?
    /// The names that requests may give as Host; empty: see ``HTTPReception``.
    public var hosts: [String] = []
    /// The origins of pages that may come, besides the listener's own.
    public var origins: [String] = []

    /// Whose word counts on where requests come from; `nil`: nobody's.
    public var proxies: Settings.Listener.Proxies?

    public enum Targets: Sendable {
        /// One server, to which callers are who they say themselves.
        case one(HTTPUpstream)
        /// Found by path and host.
        case routed([HTTPTarget])

        /// As they are called in recordings.
        var names: [String] {
            switch self {
            case .one(let upstream): [upstream.name]
            case .routed(let targets): targets.map(\.name)
            }
        }
    }

    /// Who may log in, and how.
    public struct Logins: Sendable {
        public var directory: IdentityDirectory
        /// Of ``IdentityMethod`` those that HTTP has: `jwt`, `staticToken`, `certificate`.
        public var methods: Set<IdentityMethod>

        public init(_ directory: IdentityDirectory, _ methods: Set<IdentityMethod>) {
            self.directory = directory
            self.methods = methods
        }
    }

    public init(_ targets: Targets, owner: SystemUser? = nil, logins: Logins? = nil) {
        self.targets = targets
        self.owner = owner
        self.logins = logins
    }

    /// One server, for the user who runs this.
    public init(ownersOnly upstream: HTTPUpstream) {
        self.init(.one(upstream), owner: .current)
    }

    /// Whether it may be offered only where nobody but this machine's users come.
    var isForLoopbackOnly: Bool { logins == nil }
}
