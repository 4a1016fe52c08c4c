import Protocols

/// Something that a loop does later, unless it is cancelled first.
// Unchecked: confined to its loop.
public final class LoopTimer: @unchecked Sendable {
    /// Nanoseconds of the monotonic clock.
    let deadline: UInt64
    /// Timers of the same deadline fire in the order in which they were made.
    var sequence: UInt64 = 0
    /// Where it stands in the heap; nil once it has fired or was cancelled.
    var index: Int?
    private let action: (_ fired: Bool) -> Void
    private weak var loop: EventLoop?

    init(_ deadline: UInt64, on loop: EventLoop, _ action: @escaping (_ fired: Bool) -> Void) {
        self.deadline = deadline
        self.loop = loop
        self.action = action
    }

    /// After this it will not fire. Harmless if it has.
    public func cancel() {
        assert(loop?.isCurrent ?? true)
        if let index { loop?.timers.remove(at: index).finish(fired: false) }
    }

    func finish(fired: Bool) { action(fired) }

    static func < (left: LoopTimer, right: LoopTimer) -> Bool {
        (left.deadline, left.sequence) < (right.deadline, right.sequence)
    }
}

extension EventLoop {
    /// Runs `body` on this loop after that time, by the monotonic clock; never in this turn.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> LoopTimer {
        addTimer(after: delay) { fired in if fired { body() } }
    }

    /// Returns after that time.
    ///
    /// Must be called on the loop.
    ///
    /// - Throws: `CancellationError` at once if the task is, or gets, cancelled, or if the loop stops.
    public func sleep(for delay: Duration) async throws(CancellationError) {
        let slot = TimerSlot()
        let fired = await withTaskCancellationHandler {
            // SAFETY: a timer finishes exactly once.
            unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
                // Cancelled before this: nobody would cancel the timer.
                if Task.isCancelled { return unsafe continuation.resume(returning: false) }
                slot.timer = addTimer(after: delay) { unsafe continuation.resume(returning: $0) }
            }
        } onCancel: {
            execute { slot.timer?.cancel() }
        }
        if !fired { throw CancellationError() }
    }

    private func addTimer(after delay: Duration, _ action: @escaping (_ fired: Bool) -> Void) -> LoopTimer {
        assert(isCurrent)
        let deadline = now.monotonicNanoseconds.addingReportingOverflow(delay.nanoseconds)
        let timer = LoopTimer(deadline.overflow ? .max : deadline.partialValue, on: self, action)
        timers.insert(timer)
        return timer
    }
}

/// Where a sleeper's cancellation finds its timer.
// Unchecked: confined to its loop.
private final class TimerSlot: @unchecked Sendable {
    var timer: LoopTimer?
}

/// A binary heap, by deadline.
struct TimerHeap {
    private var timers: [LoopTimer] = []
    private var lastSequence: UInt64 = 0

    var isEmpty: Bool { timers.isEmpty }
    var nextDeadline: UInt64? { timers.first?.deadline }

    mutating func insert(_ timer: LoopTimer) {
        lastSequence += 1
        timer.sequence = lastSequence
        timers.append(timer)
        timer.index = timers.count - 1
        rise(timers.count - 1)
    }

    mutating func remove(at index: Int) -> LoopTimer {
        let timer = timers[index]
        exchangePlaces(index, timers.count - 1)
        timers.removeLast()
        timer.index = nil
        if index < timers.count {
            rise(index)
            sink(index)
        }
        return timer
    }

    /// Takes out what is due, in order.
    mutating func takeDue(_ now: UInt64) -> [LoopTimer] {
        var due: [LoopTimer] = []
        while let first = timers.first, first.deadline <= now { due.append(remove(at: 0)) }
        return due
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0, timers[index] < timers[(index - 1) / 2] {
            exchangePlaces(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < timers.count && timers[child] < timers[least] {
                least = child
            }
            if least == index { return }
            exchangePlaces(index, least)
            index = least
        }
    }

    private mutating func exchangePlaces(_ first: Int, _ second: Int) {
        timers.swapAt(first, second)
        timers[first].index = first
        timers[second].index = second
    }
}

extension EventLoop {
    /// Timers that these timers make wait for the next turn.
    func fireTimers() {
        guard let deadline = timers.nextDeadline, deadline <= now.monotonicNanoseconds else { return }
        let due = timers.takeDue(now.monotonicNanoseconds)
        for timer in due { timer.finish(fired: true) }
    }

    func cancelTimers() {
        for timer in timers.takeDue(.max) { timer.finish(fired: false) }
    }
}
