/// Whoever waits for something, usually nobody or one task. Waiting allocates nothing.
@safe
struct Waiters {
    private var first: UnsafeContinuation<Void, Never>?
    private var others: [UnsafeContinuation<Void, Never>] = unsafe []

    /// Called by the awaiting task, on the loop.
    ///
    /// - Parameter isNeeded: whether there is still something to wait for. Code that is not an actor's may be
    ///   suspended between its last look and this call, so whoever waits must look again here.
    mutating func park(_ continuation: UnsafeContinuation<Void, Never>, if isNeeded: Bool) {
        if !isNeeded {
            unsafe continuation.resume()
        } else if unsafe first == nil {
            unsafe first = continuation
        } else {
            unsafe others.append(continuation)
        }
    }

    /// Each resumes in this turn.
    mutating func resumeAll() {
        guard let waiter = unsafe first else { return }
        unsafe first = nil
        // SAFETY: each is taken out before it is resumed, so it is resumed once.
        unsafe waiter.resume()
        while let next = unsafe others.popLast() { unsafe next.resume() }
    }
}

/// A condition that is open until it is closed, with those who wait for it.
struct Latch {
    private(set) var isOpen = false
    private var waiters = Waiters()

    mutating func open() {
        isOpen = true
        waiters.resumeAll()
    }

    mutating func close() { isOpen = false }

    mutating func park(_ continuation: UnsafeContinuation<Void, Never>) {
        unsafe waiters.park(continuation, if: !isOpen)
    }
}
