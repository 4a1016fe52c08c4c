import Protocols
import Transport

/// What all HTTP listeners of a gateway share.
struct HTTPCommons: Sendable {
    let pool: BlockingPool
    let resolver: Resolver
    var limits: WireLimits
    /// Whose MCP sessions are; they outlive a reload.
    let sessions = SessionPins()
    let held = HeldCalls()
    let streams = SessionStreams()
    /// From accepting a connection to knowing who calls.
    var loginLimit = Duration.seconds(10)
    /// How long connecting to an upstream may take, and then its handshake.
    var dialLimit = Duration.seconds(10)

    var timeLimits = HTTPTimeLimits()
    var querySecrets = QuerySecrets()

    init(_ pool: BlockingPool, limits: WireLimits) {
        self.pool = pool
        self.limits = limits
        resolver = Resolver(pool: pool)
    }
}
