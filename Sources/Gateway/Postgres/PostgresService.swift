public import Adapters
public import Protocols
public import Transport

/// What one Postgres listener offers, and to whom. A reload makes a new one: callers who come later get it, sessions that
/// have begun keep theirs.
public struct PostgresService: Sendable {
    public var admission: Admission
    public var targets: PostgresTargets
    /// What callers may do; `nil`: whatever the upstream lets them.
    public var rules: RuleBook?
    /// `nil`: TLS is not offered.
    public var tls: TLS?

    public init(_ admission: Admission, _ targets: PostgresTargets, tls: TLS? = nil) {
        self.admission = admission
        self.targets = targets
        self.tls = tls
    }

    /// Whether it may be offered only where nobody but this machine's users come.
    var isForLoopbackOnly: Bool { admission.logins == nil }

    /// One server, for the user who runs this.
    public init(ownersOnly upstream: PostgresUpstream) {
        self.init(Admission(owner: .current), .one(upstream))
    }
}

extension PostgresService {
    /// How callers prove who they are.
    public struct Admission: Sendable {
        /// Whom the kernel's word on who owns a socket is enough for; on loopback only.
        public var owner: SystemUser?
        /// Everybody else; `nil`: nobody else is let in.
        public var logins: Logins?

        public init(owner: SystemUser? = nil, logins: Logins? = nil) {
            self.owner = owner
            self.logins = logins
        }
    }

    /// Who may log in, and how.
    public struct Logins: Sendable {
        public var directory: IdentityDirectory
        public var policy: PostgresLoginPolicy

        public init(_ directory: IdentityDirectory, _ policy: PostgresLoginPolicy) {
            self.directory = directory
            self.policy = policy
        }
    }

    /// TLS towards clients.
    public struct TLS: Sendable {
        public var context: TLSServerContext
        /// Whether who does not ask for it is refused; cancel requests, which many clients send in plain, are not.
        public var isRequired: Bool

        public init(_ context: TLSServerContext, isRequired: Bool) {
            self.context = context
            self.isRequired = isRequired
        }
    }
}
