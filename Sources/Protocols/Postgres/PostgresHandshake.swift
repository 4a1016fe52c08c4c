// What comes before the first tagged message: encryption requests, cancel requests, the startup packet (§55.2.1, §55.2.9).

/// The codes that stand where a startup packet has its version.
enum PostgresRequestCode {
    static let cancel: UInt32 = 80_877_102
    static let ssl: UInt32 = 80_877_103
    static let gss: UInt32 = 80_877_104
    /// The first byte of a TLS handshake record, which a client sends at once in direct TLS.
    static let tlsHandshake: UInt8 = 0x16
}

extension PostgresDecoder {
    /// The server's own bound on a startup packet (`MAX_STARTUP_PACKET_LENGTH`).
    private var startupBytes: Int { min(10_000, limits.loginBytes) }

    mutating func startupPacket(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        if bytes[0] == PostgresRequestCode.tlsHandshake {
            state.becomeOpaque(.tls)
            return .opaque(.tls)
        }
        if bytes[0] != 0, mayJoinMidstream { return try joinMidstream(bytes, .clientToServer) }
        guard bytes[0] == 0 else {
            throw WireFault(.malformed, "neither a startup packet nor TLS", .clientToServer)
        }
        guard let length = bytes.uint32BE(at: 0) else { return .needMore(atLeast: 4) }
        guard length >= 8 else { throw WireFault(.malformed, "a startup packet below 8 bytes", .clientToServer) }
        guard length <= startupBytes else {
            throw WireFault(.limitExceeded, "a startup packet above its limit", .clientToServer)
        }
        guard bytes.count >= Int(length) else { return .needMore(atLeast: Int(length)) }
        return try startupPacket(whole: bytes.extracting(0..<Int(length)))
    }

    private mutating func startupPacket(whole packet: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        let code = packet.uint32BE(at: 4) ?? 0
        switch code {
        case PostgresRequestCode.ssl:
            guard packet.count == 8, !exchange(&state.sslAsked, with: true) else {
                throw WireFault(.malformed, "a wrong or repeated SSLRequest", .clientToServer)
            }
            state.phase = .negotiatingSSL
            return .message(.sslRequest, length: 8)
        case PostgresRequestCode.gss:
            guard packet.count == 8, !exchange(&state.gssAsked, with: true) else {
                throw WireFault(.malformed, "a wrong or repeated GSSENCRequest", .clientToServer)
            }
            state.phase = .negotiatingGSS
            return .message(.gssEncryptionRequest, length: 8)
        case PostgresRequestCode.cancel:
            let cancel = try PostgresMessage.CancelRequest(parsing: packet)
            state.phase = .cancelled
            return .message(.cancelRequest(cancel), length: packet.count)
        default:
            let startup = try PostgresMessage.Startup(parsing: packet)
            state.phase = .login
            return .message(.startup(startup), length: packet.count)
        }
    }

    mutating func encryptionReply(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        let askedForSSL = state.phase == .negotiatingSSL
        switch bytes[0] {
        case UInt8(ascii: "S") where askedForSSL:
            state.phase = .acceptedSSL
            return .message(.encryptionReply(.sslAccepted), length: 1)
        case UInt8(ascii: "G") where !askedForSSL:
            state.phase = .acceptedGSS
            return .message(.encryptionReply(.gssAccepted), length: 1)
        case UInt8(ascii: "N"):
            state.phase = .startup
            return .message(.encryptionReply(.refused), length: 1)
        case PostgresBackendTag.errorResponse.rawValue:
            return try earlyError(bytes)
        default:
            throw WireFault(.malformed, "a wrong reply to an encryption request", .serverToClient)
        }
    }

    /// An ErrorResponse instead of the reply, or the bare text of a server that cannot start a session
    /// (`report_fork_failure_to_client`), told apart as libpq did: by whether the length makes sense.
    private mutating func earlyError(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        guard let length = bytes.uint32BE(at: 1) else { return .needMore(atLeast: 5) }
        if (8...30_000).contains(length) { return try loginAnswer(bytes) }
        if let end = bytes.firstIndex(of: 0, from: 1), end < limits.loginBytes {
            return .message(.encryptionReply(.failed(text: 1..<end)), length: end + 1)
        }
        guard bytes.count < limits.loginBytes else {
            throw WireFault(.limitExceeded, "an endless error text", .serverToClient)
        }
        return .needMore(atLeast: bytes.count + 1)
    }

    /// A handshake byte means that TLS follows. In a recording made inside TLS the startup packet follows instead.
    mutating func afterEncryptionAccepted(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        if state.phase == .acceptedGSS {
            // An encrypted GSSAPI packet has a length in front, too; what follows tells them apart.
            guard let code = bytes.uint32BE(at: 4) else { return .needMore(atLeast: 8) }
            guard code >> 16 == 3 || code == PostgresRequestCode.cancel else {
                state.becomeOpaque(.encrypted)
                return .opaque(.encrypted)
            }
        }
        return try startupPacket(bytes)
    }

    /// A server does not speak first, unless a capture began after the client's first words.
    mutating func serverFirst(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        mayJoinMidstream ? try joinMidstream(bytes, .serverToClient) : .awaitOther
    }

    /// A handshake that has begun goes on as one.
    private var mayJoinMidstream: Bool { start == .anywhere && !state.sslAsked && !state.gssAsked }

    /// The step counts only once a message is there: bytes too few to tell must not change what the other side means.
    private mutating func joinMidstream(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<PostgresMessage> {
        if (0x14...0x17).contains(bytes[0]) {
            state.becomeOpaque(.tls)
            return .opaque(.tls)
        }
        let before = state
        state.joinMidstream()
        let step = try direction == .clientToServer ? request(bytes) : answer(bytes)
        if case .needMore = step { state = before }
        return step
    }
}

extension PostgresMessage.CancelRequest {
    init(parsing packet: Span<UInt8>) throws(WireFault) {
        guard (16...268).contains(packet.count), let processID = packet.uint32BE(at: 8) else {
            throw WireFault(.malformed, "a cancel key of a wrong length", .clientToServer)
        }
        self.init(processID: Int32(bitPattern: processID), key: 12..<packet.count)
    }
}

extension PostgresMessage.Startup {
    init(parsing packet: Span<UInt8>) throws(WireFault) {
        let version = PostgresVersion(rawValue: packet.uint32BE(at: 4) ?? 0)
        guard version.major == 3 else {
            throw WireFault(.unexpectedMessage, "a protocol version that is not 3", .clientToServer, at: 4)
        }
        var offset = 8
        while offset < packet.count, packet[offset] != 0 {
            guard let nameEnd = packet.firstIndex(of: 0, from: offset),
                let valueEnd = packet.firstIndex(of: 0, from: nameEnd + 1)
            else { throw WireFault(.malformed, "a startup parameter without end", .clientToServer, at: offset) }
            offset = valueEnd + 1
        }
        guard offset == packet.count - 1 else {
            throw WireFault(.malformed, "a startup packet without its last zero", .clientToServer, at: offset)
        }
        self.init(version: version, content: 8..<packet.count)
    }
}
