/// Whoever waits for something, usually nobody or one task. Waiting allocates nothing.
@safe
struct Waiters {
    private var first: UnsafeContinuation<Void, Never>?
    private var others: [UnsafeContinuation<Void, Never>] = unsafe []

    /// Called by the awaiting task, on the loop.
    mutating func park(_ continuation: UnsafeContinuation<Void, Never>) {
        if unsafe first == nil { unsafe first = continuation } else { unsafe others.append(continuation) }
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
    var waiters = Waiters()

    mutating func open() {
        isOpen = true
        waiters.resumeAll()
    }

    mutating func close() { isOpen = false }
}
