import Adapters
import Protocols
import Synchronization
import Transport

/// Salted passwords by salt: salting takes milliseconds by design, so it happens once, and away from the loops.
final class SaltCache: Sendable {
    typealias Salting = SCRAMClient<OpenSSLCryptography>.Salting

    private static let limit = 64
    private let pool: BlockingPool
    private let known = Mutex<[Salting: Secret]>([:])

    init(_ pool: BlockingPool) { self.pool = pool }

    func salted(_ password: Secret, _ salting: Salting) async -> Secret {
        if let found = known.withLock({ $0[salting] }) { return found }
        let salted = await pool.run {
            Secret(
                OpenSSLCryptography.derive(
                    password: password.bytes.span, salt: salting.salt.span, iterations: salting.iterations))
        }
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[salting] = salted
        }
        return salted
    }
}
