import Synchronization

/// How many connections there may be at once; several listeners can share one.
public final class ConnectionGate: Sendable {
    private struct State {
        var count = 0
        var waiting: [@Sendable () -> Void] = []
    }

    public let limit: Int
    private let state = Mutex(State())

    public init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    public var count: Int { state.withLock { $0.count } }

    /// Takes a place.
    ///
    /// - Parameter whenFree: called once, from wherever a connection ends, if there was no place.
    func enter(_ whenFree: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.count < limit else {
                state.waiting.append(whenFree)
                return false
            }
            state.count += 1
            return true
        }
    }

    func leave() {
        let waiting = state.withLock { state in
            state.count -= 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for wake in waiting { wake() }
    }
}
