extension Socket {
    /// Becomes the server of a TLS session: from here on, what is read and sent is plaintext inside it.
    ///
    /// It reads from the descriptor. Bytes that were read before and not consumed came in plaintext; whoever has any
    /// must refuse the connection, for they may be somebody else's (CVE-2021-23214). What is still queued goes first.
    /// Where no protocol has led here, the caller looks at `applicationProtocol` (direct TLS).
    ///
    /// - Parameter limit: for the whole handshake.
    /// - Throws: `.tls` for what went wrong, `.timedOut`, or what reading and writing throw. Then neither reading nor
    ///   sending is possible any more; `drainThenClose` lets the peer read why.
    public func startTLS(
        as server: TLSServerContext, within limit: Duration
    ) async throws(TransportError) -> TLSFacts {
        try await start(TLSSession(server, descriptor), within: limit)
    }

    /// Becomes the client of a TLS session; else as `startTLS(as:within:)`.
    ///
    /// - Parameter host: the server's name or address, as whoever configured it wrote it. Never one that a peer has told.
    public func startTLS(
        to host: String, with client: TLSClientContext, within limit: Duration
    ) async throws(TransportError) -> TLSFacts {
        try await start(TLSSession(client, to: host, descriptor), within: limit)
    }

    private func start(_ session: TLSSession, within limit: Duration) async throws(TransportError) -> TLSFacts {
        precondition(loop.isCurrent && tls == nil, "a socket has one session, which is started on its loop")
        let timer = loop.schedule(after: limit) { [self] in
            _ = session.fail(.timedOut)
            wakeReader()
            belowMarkWaiters.resumeAll()
        }
        defer { timer.cancel() }
        do throws(TransportError) {
            try await sendRest(session)
            tls = session
            try await shakeHands(session)
        } catch {
            tls = session
            throw fail(session.fail(error))
        }
        return session.facts
    }

    /// Waits until all plaintext has gone.
    private func sendRest(_ session: TLSSession) async throws(TransportError) {
        let usualMark = mark
        mark = 0
        defer { mark = usualMark }
        await belowMark()
        if let error = session.failure ?? writeFailure { throw error }
    }

    private func shakeHands(_ session: TLSSession) async throws(TransportError) {
        while true {
            if isClosed || ending != .open { throw .closed }
            if let error = session.failure { throw error }
            let progress = handshakeProgress(session)
            push(session)
            if let writeFailure { throw writeFailure }
            if try progress.get() {
                // What the peer has sent behind its handshake may have been taken from the descriptor already.
                return input.open()
            }
            await readable()
        }
    }

    /// What one step came to; the alert that a failure calls for is still to be sent.
    private func handshakeProgress(_ session: TLSSession) -> Result<Bool, TransportError> {
        do throws(TransportError) {
            let isOver = try session.shakeHands(isHungUp: isHungUp)
            closeInput(ifStarved: session)
            return .success(isOver)
        } catch { return .failure(error) }
    }

    private func closeInput(ifStarved session: TLSSession) {
        if session.isStarved, !isHungUp { input.close() }
    }
}

// MARK: Reading and sending

extension Socket {
    /// How much is encrypted before it is sent: a few records of at most 16 KiB.
    private static let batch = 64 << 10

    func receive(into buffer: inout Buffer, through session: TLSSession) throws(TransportError) -> Int? {
        var failure: TransportError?
        let count = unsafe buffer.append { free in
            do throws(TransportError) {
                return try unsafe session.read(into: free, isHungUp: isHungUp) ?? -1
            } catch {
                failure = error
                return -1
            }
        }
        // What reading called for: an alert, a new key.
        push(session)
        if writeFailure != nil { _ = giveUp() }
        if let failure { throw failure }
        closeInput(ifStarved: session)
        return count < 0 ? nil : count
    }

    /// Encrypts bytes and sends them, batch by batch, until the kernel has no more room.
    ///
    /// - Parameter goesOn: more is sealed at once, and sent with it.
    /// - Returns: how many were encrypted; they are on their way.
    func seal(_ bytes: UnsafeRawBufferPointer, _ session: TLSSession, goesOn: Bool = false) -> Int {
        var sealed = 0
        while sealed < bytes.count, isWritable, writeFailure == nil {
            let end = min(bytes.count, sealed + Self.batch)
            do throws(TransportError) {
                unsafe try session.seal(UnsafeRawBufferPointer(rebasing: bytes[sealed..<end]))
            } catch { writeFailure = error }
            sealed = end
            if !goesOn || end < bytes.count { push(session) }
        }
        return sealed
    }

    /// Sends what the session wants to send, as far as the kernel takes it.
    func push(_ session: TLSSession) {
        while isWritable, !session.wire.outgoing.isEmpty, writeFailure == nil {
            let sent = unsafe session.wire.outgoing.withReleased { unsafe transmit($0) }
            session.wire.outgoing.removeFirst(sent)
        }
    }

    /// Ends the session's sending direction, if there is a session (RFC 8446 §6.1).
    ///
    /// - Returns: whether all of it has gone.
    func saidGoodbye() -> Bool {
        guard let tls else { return true }
        tls.sealEnd()
        push(tls)
        return tls.wire.outgoing.isEmpty
    }
}
