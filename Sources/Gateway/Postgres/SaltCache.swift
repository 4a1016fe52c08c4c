import Adapters
import Protocols
import Synchronization
import Transport

/// Salted passwords by salt: salting takes milliseconds by design, so it happens once, and away from the loops.
final class SaltCache: Sendable {
    typealias Salting = SCRAMClient<OpenSSLCryptography>.Salting

    private static let limit = 64
    private let pool: BlockingPool
    private let known = Mutex<[Salting: Known]>([:])

    /// The password may be changed while the server's salt stays.
    private struct Known {
        var password: Secret
        var salted: Secret
    }

    init(_ pool: BlockingPool) { self.pool = pool }

    func salted(_ password: Secret, _ salting: Salting) async -> Secret {
        if let found = known.withLock({ $0[salting] }), found.password.bytes == password.bytes { return found.salted }
        let salted = await pool.run {
            Secret(
                OpenSSLCryptography.derive(
                    password: SASLprep.prepareOrKeep(password).bytes.span, salt: salting.salt.span,
                    iterations: salting.iterations))
        }
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[salting] = Known(password: password, salted: salted)
        }
        return salted
    }
}
