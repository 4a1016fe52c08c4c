import Protocols
import Synchronization

/// Where a cancel request goes, by the key that the gateway gave to the client. Shared by all loops.
final class CancelRegistry: Sendable {
    /// The upstream session that a key stands for.
    struct Session: Sendable {
        var route: PostgresRoute
        var processID: Int32
        var key: Secret
        /// What to call instead, while the session waits for a person's answer.
        var cancelled: (@Sendable () -> Void)?
    }

    private struct State {
        var sessions: [CancelKey: Session] = [:]
        var limit = RateLimit(perSecond: 100, burst: 1_000)
    }

    private let state = Mutex(State())

    func add(_ session: Session, for key: CancelKey) {
        state.withLock { $0.sessions[key] = session }
    }

    func waits(_ key: CancelKey, cancelled: (@Sendable () -> Void)?) {
        state.withLock { $0.sessions[key]?.cancelled = cancelled }
    }

    func remove(_ key: CancelKey) {
        state.withLock { $0.sessions[key] = nil }
    }

    /// The session of a key; `nil` when there is none, or when cancel requests come faster than anyone can need.
    func session(for key: CancelKey, at monotonicNanoseconds: UInt64) -> Session? {
        state.withLock { state in
            guard state.limit.admits(at: monotonicNanoseconds) else { return nil }
            return state.sessions[key]
        }
    }
}
