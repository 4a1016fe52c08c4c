/// Reads both directions of a PostgreSQL connection (manual, chapter 55): protocol 3.0 and 3.2.
///
/// Which message comes out depends on a message's length alone, never on how the bytes were cut. A message of at most
/// ``WireLimits/wholeBytes`` (Query, Parse, Bind and FunctionCall: ``WireLimits/statementBytes``) comes whole. A longer
/// one comes as the head ``PostgresMessage/longRequest(_:)`` or ``PostgresMessage/longResponse(_:)`` of 5 bytes and its
/// content as body pieces. Until the server has said AuthenticationOk, everything comes whole or is a fault.
///
/// After a hole in a capture the direction goes on when the hole ended inside a body, or when the bytes after it begin
/// with a whole, well-formed message, as they do where segments were lost between messages. Else it is opaque.
public struct PostgresDecoder: WireDecoder {
    /// Where the bytes begin that a decoder is given.
    public enum Start: Sendable {
        /// At the connection's first byte; anything but a startup packet or TLS is a fault.
        case connection
        /// Perhaps within a session: a capture that missed the handshake.
        case anywhere
    }

    let limits: WireLimits
    let start: Start
    var state = State()
    var failure: WireFault?

    public init(limits: WireLimits) { self.init(limits: limits, start: .connection) }

    public init(limits: WireLimits, start: Start) {
        self.limits = limits
        self.start = start
    }

    public mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<PostgresMessage> {
        if let failure { throw failure }
        guard bytes.count > 0 else { return .needMore(atLeast: 1) }
        do throws(WireFault) {
            return try direction == .clientToServer ? clientStep(bytes) : serverStep(bytes)
        } catch {
            failure = error
            throw error
        }
    }

    /// Always `nil`: the driver knows what is unfinished, by the bytes left over or a last body piece that never came.
    public mutating func end(_ direction: Direction) throws(WireFault) -> Step<PostgresMessage>? {
        if let failure { throw failure }
        return nil
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        if let failure { throw failure }
        guard state.phase != .cancelled, state.phase != .opaque else { return }
        if length > 0, state[direction].body >= length {
            state[direction].body -= length
            return
        }
        state[direction] = Lane(body: 0, footing: .lost)
        switch state.phase {
        case .startup, .negotiatingSSL, .negotiatingGSS, .acceptedSSL, .acceptedGSS:
            state[direction.opposite].footing = .lost
            state.joinMidstream()
        case .login:
            state.joinMidstream()
        case .session, .cancelled, .opaque: break
        }
    }
}

extension PostgresDecoder {
    /// Where the connection stands; both directions share it.
    enum Phase: UInt8, Sendable {
        /// The client's next packet is SSLRequest, GSSENCRequest, CancelRequest or a startup packet.
        case startup
        /// The server owes its one byte.
        case negotiatingSSL
        case negotiatingGSS
        /// The server said yes. The client's next byte tells whether it is encrypted, or was recorded inside.
        case acceptedSSL
        case acceptedGSS
        /// From the startup packet to AuthenticationOk.
        case login
        case session
        /// After CancelRequest nothing follows.
        case cancelled
        case opaque
    }

    /// What the client's next 'p' message is.
    enum ExpectedResponse: UInt8, Sendable {
        case none
        case password
        case saslInitial
        case sasl
        case gss
    }

    /// Whether a direction is known to stand at a message's first byte.
    enum Footing: UInt8, Sendable {
        case firm
        /// After a hole.
        case lost
        /// After a hole behind which no message began.
        case givenUp
    }

    struct Lane: Sendable, Equatable {
        /// What is left of a long message's content.
        var body: UInt64 = 0
        var footing = Footing.firm
    }

    /// All that a decoder remembers between two steps, besides a fault.
    struct State: Sendable, Equatable {
        var phase = Phase.startup
        var expected = ExpectedResponse.none
        var opaqueReason = OpaqueReason.unsupported
        var sslAsked = false
        var gssAsked = false
        /// The login was not seen, or not whole: messages that belong to it may come at any time.
        var midstream = false
        var client = Lane()
        var server = Lane()

        subscript(direction: Direction) -> Lane {
            get { direction == .clientToServer ? client : server }
            set { if direction == .clientToServer { client = newValue } else { server = newValue } }
        }

        mutating func joinMidstream() {
            phase = .session
            midstream = true
        }

        mutating func becomeOpaque(_ reason: OpaqueReason) {
            phase = .opaque
            opaqueReason = reason
        }
    }
}

extension PostgresDecoder {
    private mutating func clientStep(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        switch state.phase {
        case .session: try request(bytes)
        case .login: try loginRequest(bytes)
        case .startup: try startupPacket(bytes)
        case .negotiatingSSL, .negotiatingGSS: .awaitOther
        case .acceptedSSL, .acceptedGSS: try afterEncryptionAccepted(bytes)
        case .cancelled: throw WireFault(.unexpectedMessage, "bytes follow a cancel request", .clientToServer)
        case .opaque: .opaque(state.opaqueReason)
        }
    }

    private mutating func serverStep(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        switch state.phase {
        case .session: try answer(bytes)
        case .login: try loginAnswer(bytes)
        case .startup: try serverFirst(bytes)
        case .negotiatingSSL, .negotiatingGSS: try encryptionReply(bytes)
        case .acceptedSSL, .acceptedGSS: .awaitOther
        case .cancelled: throw WireFault(.unexpectedMessage, "an answer to a cancel request", .serverToClient)
        case .opaque: .opaque(state.opaqueReason)
        }
    }
}
