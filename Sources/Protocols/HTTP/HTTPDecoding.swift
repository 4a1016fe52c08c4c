// What a direction does with the bytes at its position.

extension HTTPDecoder {
    mutating func clientStep(_ bytes: Span<UInt8>) throws(WireFault) -> Step<HTTPMessage> {
        guard state.client.position == .head else { return try content(bytes, .clientToServer, state.client.position) }
        if state.requests.endsInUpgrade || pipelining == .waits && !state.requests.isEmpty { return .awaitOther }
        guard !state.client.isLast else {
            throw WireFault(.unexpectedMessage, "bytes behind the last request", .clientToServer)
        }
        guard state.requests.count < limits.pipelined else {
            throw WireFault(.limitExceeded, "too many unanswered requests", .clientToServer)
        }
        var reader = state.takeReader(.clientToServer) ?? HTTPHeadReader(.clientToServer)
        if state.client.isLost, !isFooting(reader, bytes) { return giveUp(.clientToServer) }
        guard let length = try reader.read(bytes, limits: limits) else {
            state.keep(reader)
            return .needMore(atLeast: bytes.count + 1)
        }
        state.client.isLost = false
        let head = try HTTPRequestHead(reader, bytes)
        let framing = head.framing
        state.requests.append(head)
        state.client.isLast = head.isLast
        return begin(.request(head), framing, length, .clientToServer)
    }

    mutating func serverStep(_ bytes: Span<UInt8>) throws(WireFault) -> Step<HTTPMessage> {
        guard state.server.position == .head else { return try content(bytes, .serverToClient, state.server.position) }
        guard let request = state.requests.oldest ?? (state.isMidstream ? .unknown : nil) else { return .awaitOther }
        var reader = state.takeReader(.serverToClient) ?? HTTPHeadReader(.serverToClient)
        if state.server.isLost, !isFooting(reader, bytes) { return giveUp(.serverToClient) }
        guard let length = try reader.read(bytes, limits: limits) else {
            state.keep(reader)
            return .needMore(atLeast: bytes.count + 1)
        }
        state.server.isLost = false
        let head = try HTTPResponseHead(reader, answering: request, bytes)
        if head.isInterim { return .message(.response(head), length: length) }
        if head.status == 101 || request.method == .connect && head.status < 300 {
            return switchProtocols(head, request, length, bytes)
        }
        let framing = head.framing
        return begin(.response(head), framing, length, .serverToClient)
    }

    private mutating func begin(
        _ message: consuming HTTPMessage, _ framing: HTTPFraming, _ length: Int, _ direction: Direction
    ) -> Step<HTTPMessage> {
        switch framing {
        case .none, .length(0):
            finishMessage(direction)
            return .message(message, length: length)
        case .length(let body):
            state[direction].position = .length(body)
            return .head(message, length: length, body: body)
        case .chunked:
            state[direction].position = .chunkLine
            return .message(message, length: length)
        case .untilClose:
            state[direction].position = .untilClose
            return .head(message, length: length, body: nil)
        }
    }

    mutating func finishMessage(_ direction: Direction) {
        state[direction].position = .head
        if direction == .serverToClient { state.requests.removeOldest() }
    }

    /// RFC 9110 §15.2.2, §9.3.6: from here on, what was asked for is spoken.
    private mutating func switchProtocols(
        _ head: HTTPResponseHead, _ request: HTTPRequestQueue.Entry, _ length: Int, _ bytes: Span<UInt8>
    ) -> Step<HTTPMessage> {
        finishMessage(.serverToClient)
        if request.upgrade == .webSocket, head.status == 101 {
            let compresses = head.fields.contains(.secWebSocketExtensions)
            state.client.frames = WebSocketFrameReader(allowsRSV1: compresses)
            state.server.frames = WebSocketFrameReader(allowsRSV1: compresses)
            state.client.position = .frameHead
            state.server.position = .frameHead
        } else if request.upgrade == .h2c, head.status == 101, state.client.position == .head {
            state.client.position = .http2
            state.server.position = .http2
        } else {
            state.client.position = .opaque(.unsupported)
            state.server.position = .opaque(.unsupported)
        }
        return .message(.response(head), length: length)
    }

    /// What comes after a head.
    private mutating func content(
        _ bytes: Span<UInt8>, _ direction: Direction, _ position: Position
    ) throws(WireFault) -> Step<HTTPMessage> {
        switch position {
        case .length(let left):
            let length = min(UInt64(bytes.count), left)
            state[direction].position = .length(left - length)
            if length == left { finishMessage(direction) }
            return .body(length: Int(length), isLast: length == left)
        case .chunkData(let left):
            let length = min(UInt64(bytes.count), left)
            state[direction].position = length == left ? .chunkEnd : .chunkData(left - length)
            return .body(length: Int(length), isLast: length == left)
        case .framePayload(let left):
            let length = min(UInt64(bytes.count), left)
            state[direction].position = length == left ? .frameHead : .framePayload(left - length)
            return .body(length: Int(length), isLast: length == left)
        case .untilClose: return .body(length: bytes.count, isLast: false)
        case .chunkLine: return try chunkLine(bytes, direction)
        case .chunkEnd: return try chunkEnd(bytes, direction)
        case .frameHead: return try frameHead(bytes, direction)
        case .http2: return .become(.http2)
        case .opaque(let reason): return .opaque(reason)
        case .head: return .needMore(atLeast: 1)
        }
    }

    private mutating func frameHead(
        _ bytes: Span<UInt8>, _ direction: Direction
    ) throws(WireFault) -> Step<HTTPMessage> {
        switch try state[direction].frames.read(bytes, direction) {
        case .needMore(let count): return .needMore(atLeast: count)
        case .head(let head, let length):
            guard head.payloadLength > 0 else { return .message(.frame(head), length: length) }
            state[direction].position = .framePayload(head.payloadLength)
            return .head(.frame(head), length: length, body: head.payloadLength)
        }
    }
}

extension HTTPDecoder {
    /// Whether what stands after a hole reads as the beginning of a head. A copy of the reader tries.
    private func isFooting(_ reader: HTTPHeadReader, _ bytes: Span<UInt8>) -> Bool {
        var reader = reader
        do throws(WireFault) {
            _ = try reader.read(bytes, limits: limits)
            return true
        } catch { return false }
    }

    private mutating func giveUp(_ direction: Direction) -> Step<HTTPMessage> {
        state[direction].position = .opaque(.unsupported)
        return .opaque(.unsupported)
    }
}
