import CLinux
import Glibc
import Protocols

extension Socket {
    /// How many bytes wait for the peer.
    public var queuedBytes: Int { outgoing.count + (tls?.wire.outgoing.count ?? 0) }

    public var isAboveMark: Bool { queuedBytes > mark }

    /// Sends bytes after all that were sent before: at once, as far as the kernel takes them, and later what is left.
    ///
    /// - Parameters:
    ///   - position: the journal position that holds them; they go once `release(upTo:)` has reached it. Must not shrink
    ///     from call to call.
    ///   - goesOn: more is sent at once, so that both can go in one packet.
    /// - Throws: what once went wrong, from then on for ever; `.queueFull` if more than `queueLimit` would wait.
    public func send(_ bytes: Span<UInt8>, position: UInt64 = 0, goesOn: Bool = false) throws(TransportError) {
        assert(loop.isCurrent)
        if let writeFailure { throw writeFailure }
        guard !isClosed, ending == .open else { throw .closed }
        let failure = unsafe bytes.withUnsafeBytes { bytes -> TransportError? in
            var rest = unsafe bytes
            if outgoing.isEmpty, isWritable, position <= outgoing.released {
                let sent = unsafe write(bytes, goesOn: goesOn)
                if writeFailure != nil { return giveUp() }
                if sent == bytes.count { return nil }
                unsafe rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            }
            guard rest.count <= queueLimit - queuedBytes else { return fail(.queueFull(limit: queueLimit)) }
            unsafe outgoing.append(rest, position: position)
            return nil
        }
        if let failure { throw failure }
    }

    /// Lets go what is kept back for journal positions up to this one.
    public func release(upTo position: UInt64) {
        assert(loop.isCurrent)
        outgoing.release(upTo: position)
        flush()
    }

    /// Returns once no more than `mark` bytes are queued, or none will ever be.
    public func belowMark() async {
        assert(loop.isCurrent)
        guard mustWait else { return }
        // SAFETY: `Waiters` resumes it once.
        unsafe await withUnsafeContinuation { unsafe belowMarkWaiters.park($0, if: mustWait) }
    }

    private var mustWait: Bool { isAboveMark && !isClosed && writeFailure == nil }

    /// Ends our direction once all that is queued has gone: the peer reads an end, and may still send.
    public func shutdownWrite() {
        assert(loop.isCurrent)
        guard ending == .open else { return }
        ending = .shuttingDown
        flush()
    }

    /// Closes once all that is queued has gone and the peer has ended too, without anybody waiting for it; what the
    /// peer still sends is thrown away. (Closing with unread bytes would reset the connection and could take the last
    /// answer from a peer that has not read it: RFC 1122 §4.2.2.13.)
    ///
    /// - Parameter limit: when the peer has taken nothing for this time, it is closed in any case.
    public func drainThenClose(within limit: Duration = .seconds(5)) {
        assert(loop.isCurrent)
        guard !isClosed, ending != .draining, ending != .lingering else { return }
        let isShutDown = ending == .shutDown
        ending = .draining
        limitDraining(to: limit)
        wakeReader()
        if isShutDown {
            linger()
        } else if writeFailure == nil {
            flush()
        } else {
            shutDownAndLinger()
        }
    }

    /// A slow peer that still takes bytes keeps its time; the last ones would be lost with the connection. Those that the kernel
    /// holds count: it asks for more only when a good part of them has gone.
    private func limitDraining(to limit: Duration) {
        let waiting = undelivered
        endTimer = loop.schedule(after: limit) { [self] in
            if undelivered < waiting { limitDraining(to: limit) } else { close() }
        }
    }

    private var undelivered: Int { queuedBytes + Int(wt_unacknowledged_bytes(descriptor)) }

    // MARK: Writing

    /// Writes what may go, as far as the kernel takes it.
    func flush() {
        guard !isClosed, writeFailure == nil else { return }
        let wasAboveMark = isAboveMark
        if let tls { push(tls) }
        while isWritable, outgoing.hasReleased, writeFailure == nil {
            let sent = unsafe outgoing.withReleased { unsafe write($0) }
            outgoing.removeFirst(sent)
        }
        if wasAboveMark, !isAboveMark { belowMarkWaiters.resumeAll() }
        if outgoing.isEmpty, writeFailure == nil { finishEnding() }
        if writeFailure != nil { _ = giveUp() }
    }

    private func finishEnding() {
        switch ending {
        case .shuttingDown where saidGoodbye():
            ending = .shutDown
            shutdown(descriptor, Int32(SHUT_WR))
        case .draining where saidGoodbye(): shutDownAndLinger()
        case .open, .shuttingDown, .shutDown, .draining, .lingering: break
        }
    }

    private func shutDownAndLinger() {
        shutdown(descriptor, Int32(SHUT_WR))
        linger()
    }

    private func linger() {
        ending = .lingering
        discardWhileLingering()
    }

    private func write(_ bytes: UnsafeRawBufferPointer, goesOn: Bool) -> Int {
        if let tls { return unsafe seal(bytes, tls, goesOn: goesOn) }
        let flags = MSG_NOSIGNAL | (goesOn ? MSG_MORE : 0)
        return unsafe written(Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(flags)), of: bytes.count)
    }

    private func write(_ vectors: UnsafeBufferPointer<iovec>) -> Int {
        if let tls {
            // SAFETY: the queue lends at least one vector, which lies in one of its blocks.
            return unsafe seal(UnsafeRawBufferPointer(start: vectors[0].iov_base, count: vectors[0].iov_len), tls)
        }
        return unsafe transmit(vectors)
    }

    /// Hands bytes to the kernel as they are.
    func transmit(_ vectors: UnsafeBufferPointer<iovec>) -> Int {
        var message = unsafe msghdr()
        unsafe message.msg_iov = UnsafeMutablePointer(mutating: vectors.baseAddress)
        unsafe message.msg_iovlen = vectors.count
        let count = unsafe vectors.reduce(0) { unsafe $0 + $1.iov_len }
        return unsafe written(sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)), of: count)
    }

    /// What a call's result says; a short write proves that the kernel has no more room.
    private func written(_ result: Int, of count: Int) -> Int {
        if result < 0 {
            switch errno {
            case EINTR: break
            case EAGAIN: isWritable = false
            case let number: writeFailure = .system(.write, errno: number)
            }
            return 0
        }
        if result < count { isWritable = false }
        return result
    }

    /// From now on nothing can be sent.
    func fail(_ error: TransportError) -> TransportError {
        writeFailure = error
        return giveUp()
    }

    /// After a failure: drops the queue, and lets go on whoever waits for it.
    func giveUp() -> TransportError {
        outgoing = OutgoingQueue()
        tls?.wire.discardOutgoing()
        belowMarkWaiters.resumeAll()
        if ending == .draining { close() }
        return writeFailure ?? .closed
    }
}
