// From the startup packet to AuthenticationOk (§55.2.1).

extension PostgresDecoder {
    /// The client answers authentication requests, and may give up. What it sends ahead waits for the server's word,
    /// because only that tells what a 'p' message is, or that none is wanted.
    mutating func loginRequest(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        guard let tag = PostgresFrontendTag(rawValue: bytes[0]) else { throw unknownRequest }
        guard tag != .terminate else { return try request(bytes) }
        guard state.expected != .none else { return .awaitOther }
        guard tag == .authenticationResponse else {
            throw WireFault(.unexpectedMessage, "a request before authentication is over", .clientToServer)
        }
        return try authenticationResponse(bytes)
    }

    mutating func authenticationResponse(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        guard let total = try messageLength(bytes, .clientToServer, limit: limits.loginBytes) else {
            return .needMore(atLeast: PostgresMessage.headerBytes)
        }
        guard bytes.count >= total else { return .needMore(atLeast: total) }
        let message = bytes.extracting(0..<total)
        let content = PostgresMessage.headerBytes..<total
        switch exchange(&state.expected, with: .none) {
        case .password:
            let end = try message.endOfLastText(from: content.lowerBound, .clientToServer)
            return .message(.password(content.lowerBound..<end), length: total)
        case .saslInitial:
            return .message(.saslInitialResponse(try .init(parsing: message)), length: total)
        case .gss:
            return .message(.gssResponse(content), length: total)
        case .sasl, .none:
            // In a capture that missed the request, nothing is known of the content.
            return .message(.saslResponse(content), length: total)
        }
    }

    mutating func loginAnswer(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        guard let tag = PostgresBackendTag(rawValue: bytes[0]) else { throw unknownAnswer }
        switch tag {
        case .authentication:
            // The next request never comes before the response to the last one; a GSS exchange may end with the server.
            if state.expected != .none, state.expected != .gss { return .awaitOther }
        case .errorResponse, .noticeResponse, .negotiateProtocolVersion: break
        default:
            throw WireFault(.unexpectedMessage, "an answer before authentication is over", .serverToClient)
        }
        guard let total = try messageLength(bytes, .serverToClient, limit: limits.loginBytes) else {
            return .needMore(atLeast: PostgresMessage.headerBytes)
        }
        guard bytes.count >= total else { return .needMore(atLeast: total) }
        let message = try PostgresMessage(tag, parsing: bytes.extracting(0..<total))
        if case .authentication(let request) = message { expectResponse(to: request) }
        return .message(message, length: total)
    }

    mutating func expectResponse(to request: PostgresMessage.Authentication) {
        switch request {
        case .ok:
            state.expected = .none
            state.phase = .session
        case .cleartextPassword, .md5Password: state.expected = .password
        case .gss, .gssContinue, .sspi: state.expected = .gss
        case .sasl: state.expected = .saslInitial
        case .saslContinue: state.expected = .sasl
        case .saslFinal: state.expected = .none
        // Messages of the Kerberos library itself follow (removed in PostgreSQL 9.4).
        case .kerberosV5: state.becomeOpaque(.unsupported)
        }
    }
}

extension PostgresMessage.SASLInitialResponse {
    init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let mechanismEnd = message.firstIndex(of: 0, from: PostgresMessage.headerBytes),
            let length = message.uint32BE(at: mechanismEnd + 1)
        else { throw WireFault(.malformed, "a SASL response without mechanism", .clientToServer, at: 5) }
        let hasData = length != .max
        guard mechanismEnd + 5 + (hasData ? Int(length) : 0) == message.count else {
            throw WireFault(.malformed, "a SASL response of a wrong length", .clientToServer, at: mechanismEnd + 1)
        }
        self.init(mechanismEnd: mechanismEnd, end: message.count, hasData: hasData)
    }
}

extension PostgresMessage.Authentication {
    init(parsing message: Span<UInt8>) throws(WireFault) {
        guard let code = message.uint32BE(at: 5) else {
            throw WireFault(.malformed, "an authentication request without code", .serverToClient, at: 5)
        }
        let content = 9..<message.count
        switch (code, content.count) {
        case (0, 0): self = .ok
        case (2, 0): self = .kerberosV5
        case (3, 0): self = .cleartextPassword
        case (5, 4): self = .md5Password(salt: message.uint32BE(at: 9) ?? 0)
        case (7, 0): self = .gss
        case (8, _): self = .gssContinue(content)
        case (9, 0): self = .sspi
        case (10, _):
            var names = PostgresMessage.Mechanisms(content: content).names
            var end = content.lowerBound
            while let name = names.next(in: message) { end = name.upperBound + 1 }
            guard end > content.lowerBound, end == message.count - 1, message[end] == 0 else {
                throw WireFault(.malformed, "a wrong list of SASL mechanisms", .serverToClient, at: 9)
            }
            self = .sasl(PostgresMessage.Mechanisms(content: content))
        case (11, _): self = .saslContinue(content)
        case (12, _): self = .saslFinal(content)
        default: throw WireFault(.malformed, "an unknown authentication request", .serverToClient, at: 5)
        }
    }
}
