public import Adapters
import Protocols
public import Transport

/// What one HTTP listener offers, and to whom.
public struct HTTPService: Sendable {
    /// Whom the kernel's word on who owns a socket is enough for; on loopback only.
    public var owner: SystemUser?
    public var upstream: HTTPUpstream
    /// The target's name in recordings and lists.
    public var target: String
    /// TLS towards clients; `nil`: plain text.
    public var tls: TLSServerContext?

    /// One server, for the user who runs this.
    public init(ownersOnly upstream: HTTPUpstream) {
        owner = .current
        self.upstream = upstream
        target = upstream.name
    }

    /// Whether it may be offered only where nobody but this machine's users come.
    var isForLoopbackOnly: Bool { true }
}
