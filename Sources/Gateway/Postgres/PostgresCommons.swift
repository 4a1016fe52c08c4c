import Protocols
import Transport

/// What all Postgres listeners of a gateway share.
struct PostgresCommons: Sendable {
    let cancels = CancelRegistry()
    let resolver: Resolver
    let salts: SaltCache
    let pool: BlockingPool
    var limits: WireLimits
    /// From accepting a connection to knowing who calls.
    var loginLimit = Duration.seconds(10)
    /// How long connecting to an upstream may take, and then logging in.
    var dialLimit = Duration.seconds(10)

    init(_ pool: BlockingPool, limits: WireLimits) {
        self.pool = pool
        self.limits = limits
        resolver = Resolver(pool: pool)
        salts = SaltCache(pool)
    }
}
