import Recorder
import Synchronization

/// A position that grows, and those who wait for it.
final class Signal: Sendable {
    private struct State {
        var value: UInt64 = 0
        var waiters: [(UInt64, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var value: UInt64 { state.withLock { $0.value } }

    func raise(_ value: UInt64) {
        let ready = state.withLock { state in
            state.value = max(state.value, value)
            let reached = state.value
            let ready = state.waiters.filter { $0.0 <= reached }
            state.waiters.removeAll { $0.0 <= reached }
            return ready
        }
        for (_, waiter) in ready { waiter.resume() }
    }

    func reaches(_ value: UInt64) async {
        await withCheckedContinuation { waiter in
            let isReached = state.withLock { state in
                if state.value >= value { return true }
                state.waiters.append((value, waiter))
                return false
            }
            if isReached { waiter.resume() }
        }
    }
}

/// Waits for room in a lane's journal as a gateway does.
final class RoomWaiter: Sendable {
    private let lane: RecorderLane
    private let calls = Signal()

    init(_ lane: RecorderLane) {
        self.lane = lane
        lane.setHandlers(onDurable: { _ in }, onRoom: { [calls] in calls.raise(calls.value + 1) })
    }

    func wait() async {
        while true {
            let before = calls.value
            if lane.hasRoom { return }
            await calls.reaches(before + 1)
        }
    }
}
