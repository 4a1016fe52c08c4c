// Tagged messages once the session is open (§55.2.2 and following), and what all tagged messages share.

extension PostgresDecoder {
    var unknownRequest: WireFault { WireFault(.malformed, "an unknown type of request", .clientToServer) }
    var unknownAnswer: WireFault { WireFault(.malformed, "an unknown type of answer", .serverToClient) }

    /// The length of the message with its type byte; `nil` before it can be known.
    @inline(__always)
    func messageLength(
        _ bytes: Span<UInt8>, _ direction: Direction, limit: Int
    ) throws(WireFault) -> Int? {
        guard let length = bytes.uint32BE(at: 1) else { return nil }
        guard length >= 4 else { throw WireFault(.malformed, "a length below 4", direction, at: 1) }
        guard Int(length) < limit else {
            throw WireFault(.limitExceeded, "a message above its limit", direction, at: 1)
        }
        return Int(length) + 1
    }

    mutating func request(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        if state.client != Lane() { if let step = try unsettled(bytes, .clientToServer) { return step } }
        guard let tag = PostgresFrontendTag(rawValue: bytes[0]) else { throw unknownRequest }
        if tag == .authenticationResponse {
            guard state.midstream else {
                throw WireFault(.unexpectedMessage, "a password after authentication is over", .clientToServer)
            }
            return try authenticationResponse(bytes)
        }
        let wholeBytes = wholeBytes(tag)
        let limit = wholeBytes.map { _ in limits.messageBytes } ?? Self.shortRequestBytes
        guard let total = try messageLength(bytes, .clientToServer, limit: limit) else {
            return .needMore(atLeast: PostgresMessage.headerBytes)
        }
        if let wholeBytes, total > wholeBytes {
            return long(.longRequest(tag), total, &state.client)
        }
        guard bytes.count >= total else { return .needMore(atLeast: total) }
        return .message(try PostgresMessage(tag, parsing: bytes.extracting(0..<total)), length: total)
    }

    mutating func answer(_ bytes: Span<UInt8>) throws(WireFault) -> Step<PostgresMessage> {
        if state.server != Lane() { if let step = try unsettled(bytes, .serverToClient) { return step } }
        guard let tag = PostgresBackendTag(rawValue: bytes[0]) else { throw unknownAnswer }
        let isLong = Self.mayBeLong(tag)
        let limit = isLong ? limits.messageBytes : Self.shortAnswerBytes
        guard let total = try messageLength(bytes, .serverToClient, limit: limit) else {
            return .needMore(atLeast: PostgresMessage.headerBytes)
        }
        if isLong, total > limits.wholeBytes {
            return long(.longResponse(tag), total, &state.server)
        }
        guard bytes.count >= total else { return .needMore(atLeast: total) }
        let message = try PostgresMessage(tag, parsing: bytes.extracting(0..<total))
        if tag == .authentication || tag == .negotiateProtocolVersion { try acceptLate(message) }
        return .message(message, length: total)
    }

    private func long(
        _ message: PostgresMessage, _ total: Int, _ lane: inout Lane
    ) -> Step<PostgresMessage> {
        lane.body = UInt64(total - PostgresMessage.headerBytes)
        return .head(message, length: PostgresMessage.headerBytes, body: lane.body)
    }

    /// What belongs to the login is seen in a session only where a capture joined late.
    private mutating func acceptLate(_ message: PostgresMessage) throws(WireFault) {
        guard state.midstream else {
            throw WireFault(.unexpectedMessage, "an authentication request within a session", .serverToClient)
        }
        if case .authentication(let request) = message { expectResponse(to: request) }
    }
}

extension PostgresDecoder {
    /// The server takes no more in requests that have no business being long (`PQ_SMALL_MESSAGE_LIMIT`).
    private static var shortRequestBytes: Int { 10_001 }
    /// libpq takes no more in answers that have no business being long (`VALID_LONG_MESSAGE_TYPE`).
    private static var shortAnswerBytes: Int { 30_001 }

    /// Up to where a request is held whole; `nil` for one that is never long.
    private func wholeBytes(_ tag: PostgresFrontendTag) -> Int? {
        switch tag {
        case .query, .parse, .bind, .functionCall: limits.statementBytes
        case .copyData: limits.wholeBytes
        case .close, .copyDone, .copyFail, .describe, .execute, .flush, .sync, .terminate, .authenticationResponse: nil
        }
    }

    /// libpq's list and ParameterDescription, which 65,535 parameters make longer than libpq thinks.
    private static func mayBeLong(_ tag: PostgresBackendTag) -> Bool {
        switch tag {
        case .copyData, .dataRow, .errorResponse, .functionCallResponse, .noticeResponse, .notificationResponse,
            .parameterDescription, .rowDescription:
            true
        default: false
        }
    }

    /// Body pieces of a long message, and the search for a footing after a hole. `nil`: a message begins here.
    private mutating func unsettled(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<PostgresMessage>? {
        let lane = state[direction]
        if lane.body > 0 {
            let length = min(UInt64(bytes.count), lane.body)
            state[direction].body -= length
            return .body(length: Int(length), isLast: length == lane.body)
        }
        guard lane.footing == .lost else { return .opaque(.unsupported) }
        switch begins(bytes, direction) {
        case .message:
            state[direction].footing = .firm
            return nil
        case .undecided(let count): return .needMore(atLeast: count)
        case .nothing:
            state[direction].footing = .givenUp
            return .opaque((0x14...0x17).contains(bytes[0]) ? .tls : .unsupported)
        }
    }

    private enum Beginning {
        case message
        case undecided(atLeast: Int)
        case nothing
    }

    /// Whether a whole, well-formed message stands at the first byte.
    private func begins(_ bytes: Span<UInt8>, _ direction: Direction) -> Beginning {
        let isRequest = direction == .clientToServer
        let request = PostgresFrontendTag(rawValue: bytes[0])
        let answer = PostgresBackendTag(rawValue: bytes[0])
        guard isRequest ? request != nil : answer != nil else { return .nothing }
        guard let length = bytes.uint32BE(at: 1) else { return .undecided(atLeast: PostgresMessage.headerBytes) }
        guard length >= 4, length < limits.wholeBytes else { return .nothing }
        let total = Int(length) + 1
        guard bytes.count >= total else { return .undecided(atLeast: total) }
        let message = bytes.extracting(0..<total)
        do throws(WireFault) {
            if isRequest, let request { _ = try PostgresMessage(request, parsing: message) }
            if !isRequest, let answer { _ = try PostgresMessage(answer, parsing: message) }
            return .message
        } catch { return .nothing }
    }
}
