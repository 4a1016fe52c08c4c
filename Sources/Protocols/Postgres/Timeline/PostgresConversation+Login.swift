// From the first packet to the first ReadyForQuery (manual §55.2.1), the end, and cancel requests.

extension PostgresConversation {
    private mutating func openLogin(_ asked: PostgresAsked) {
        if login.ticket == nil { login.ticket = events.open() }
        login.asks(asked)
    }

    mutating func loginRequest(_ message: PostgresMessage, _ bytes: Span<UInt8>, _ asked: PostgresAsked) {
        switch message {
        case .sslRequest, .gssEncryptionRequest: openLogin(asked)
        case .startup(let startup):
            openLogin(asked)
            login.startup(startup, bytes, selection)
        case .saslInitialResponse(let response):
            openLogin(asked)
            login.chose(text(response.mechanism, bytes))
        case .password, .saslResponse, .gssResponse: if login.isOpen { login.asks(asked) }
        default: break
        }
    }

    mutating func loginAnswer(
        _ message: PostgresMessage, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        if login.isOpen { login.answered(offset, UInt64(bytes.count)) }
        switch message {
        case .encryptionReply(let reply): encryptionReply(reply, bytes, offset, at: time)
        case .authentication(let authentication): self.authentication(authentication)
        case .negotiateProtocolVersion(let negotiation): login.negotiated(negotiation.version)
        case .backendKeyData(let key): login.process(key.processID)
        default: break
        }
    }

    private mutating func encryptionReply(
        _ reply: PostgresMessage.EncryptionReply, _ bytes: Span<UInt8>, _ offset: UInt64, at time: Timestamp
    ) {
        switch reply {
        case .sslAccepted: login.encryption("TLS")
        case .gssAccepted: login.encryption("GSSAPI")
        case .refused: login.encryption("asked for and refused")
        case .failed(let range):
            endLogin(.failed(code: "", message: text(range, bytes)), at: time)
        }
    }

    private mutating func authentication(_ request: PostgresMessage.Authentication) {
        switch request {
        case .ok: login.isAuthenticated = true
        case .kerberosV5: login.method("Kerberos V5")
        case .cleartextPassword: login.method("password")
        case .md5Password: login.method("md5")
        case .gss: login.method("GSSAPI")
        case .sspi: login.method("SSPI")
        case .sasl: login.method("SASL")
        case .gssContinue, .saslContinue, .saslFinal: break
        }
    }

    mutating func loggedIn(at time: Timestamp) { endLogin(.succeeded, at: time) }

    mutating func loginFailed(
        _ error: PostgresErrorFacts, _ offset: UInt64, _ length: UInt64, at time: Timestamp
    ) {
        login.answered(offset, length)
        endLogin(.failed(code: error.code, message: error.message), error.fields, at: time)
    }

    /// The login ends; nothing happens when there is none.
    mutating func endLogin(
        _ outcome: TimelineEvent.Outcome, _ fields: [TimelineEvent.Field] = [], at time: Timestamp
    ) {
        guard let ticket = login.ticket, let event = login.event(outcome, fields, at: time, selection) else { return }
        login = PostgresLoginDraft()
        events.close(ticket, event)
    }

    mutating func logout(_ asked: PostgresAsked) {
        hasLoggedOut = true
        events.add(
            TimelineEvent(
                sequence: 0, start: asked.start, kind: "postgres.logout", title: "the client ends the session",
                request: asked.range))
    }

    mutating func cancelRequest(_ cancel: PostgresMessage.CancelRequest, _ asked: PostgresAsked) {
        if let ticket = login.ticket { events.close(ticket) }
        login = PostgresLoginDraft()
        var event = TimelineEvent(
            sequence: 0, start: asked.start, kind: "postgres.cancel",
            title: "cancel what process \(cancel.processID) is running", request: asked.range)
        event.add("processID", .integer(Int64(cancel.processID)))
        events.add(event)
    }
}
