import Synchronization

/// How many connections there may be at once; several listeners can share one.
public final class ConnectionGate: Sendable {
    private struct State {
        var limit: Int
        var count = 0
        var waiting: [@Sendable () -> Void] = []

        mutating func takeWaiting() -> [@Sendable () -> Void] {
            defer { waiting = [] }
            return waiting
        }
    }

    private let state: Mutex<State>

    public init(limit: Int) {
        precondition(limit > 0)
        state = Mutex(State(limit: limit))
    }

    /// A lower one ends no connection, and a higher one lets those in who wait.
    public var limit: Int {
        get { state.withLock { $0.limit } }
        set {
            precondition(newValue > 0)
            let waiting = state.withLock { state in
                state.limit = newValue
                return state.takeWaiting()
            }
            for wake in waiting { wake() }
        }
    }

    public var count: Int { state.withLock { $0.count } }

    /// Takes a place.
    ///
    /// - Parameter whenFree: called once, from wherever a connection ends, if there was no place.
    func enter(_ whenFree: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.count < state.limit else {
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
            return state.takeWaiting()
        }
        for wake in waiting { wake() }
    }
}
