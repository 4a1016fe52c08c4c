import Protocols
import Synchronization

/// What one loop counts. Only the loop writes, so that counting is a load and a store without a lock; anybody may read.
final class LoopCounters: Sendable {
    /// A figure that only grows, and that one thread alone adds to.
    struct Counter: ~Copyable, Sendable {
        private let value = Atomic<UInt64>(0)

        var count: UInt64 { value.load(ordering: .relaxed) }

        @inline(__always)
        func add(_ amount: Int = 1) {
            value.store(value.load(ordering: .relaxed) &+ UInt64(amount), ordering: .relaxed)
        }
    }

    /// Connections that were let in.
    let accepted = Counter()
    /// Connections that were not let in.
    let refused = Counter()
    /// Connections that somebody ended over the control socket.
    let killed = Counter()
    /// Bytes of the client legs.
    let fromClients = Counter()
    let toClients = Counter()
    /// Messages that a rule refused, whole or in part.
    let denials = Counter()
    /// Messages that waited for a person.
    let questions = Counter()
}
