/// Reads both directions of an HTTP/1.0 or HTTP/1.1 connection (RFC 9112), and of the WebSocket that it may become.
///
/// Strict: what two implementations might read differently is a fault, never put right. A response is read by its
/// request's method (RFC 9112 §6.3), so one without a request waits for it. Behind a request that asks for another
/// protocol, and behind CONNECT, nothing is read before the answer; a 101 to WebSocket makes both directions frames,
/// one to "h2c" makes them HTTP/2, which is not read here.
///
/// After a hole in a capture a direction goes on when the hole ended inside a body, or when the bytes after it begin
/// with a head. Else it is opaque.
public struct HTTPDecoder: WireDecoder {
    /// Where the bytes begin that a decoder is given.
    public enum Start: Sendable {
        /// At the connection's first byte.
        case connection
        /// Perhaps within a connection: a capture that came late.
        case anywhere
    }

    /// When a request is read whose predecessor has not been answered (RFC 9112 §9.3.2).
    public enum Pipelining: Sendable {
        case readsAhead
        /// One after the other: the next request waits for the end of the response.
        case waits
    }

    let limits: WireLimits
    let pipelining: Pipelining
    var state: State
    var failure: WireFault?

    public init(limits: WireLimits) { self.init(limits: limits, pipelining: .readsAhead) }

    public init(limits: WireLimits, start: Start = .connection, pipelining: Pipelining) {
        self.limits = limits
        self.pipelining = pipelining
        state = State(isMidstream: start == .anywhere)
    }

    /// Whether nothing is under way: no request is unanswered and no message begun.
    public var isIdle: Bool {
        failure == nil && state.requests.isEmpty && !state.hasReaders && state.client.isBetweenMessages
            && state.server.isBetweenMessages
    }

    /// Whether a hole has left it unclear where the direction stands.
    public func isLost(_ direction: Direction) -> Bool { state[direction].isLost }

    public mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<HTTPMessage> {
        if let failure { throw failure }
        guard bytes.count > 0 else { return .needMore(atLeast: 1) }
        do throws(WireFault) {
            return try direction == .clientToServer ? clientStep(bytes) : serverStep(bytes)
        } catch {
            failure = error
            throw error
        }
    }

    /// Ends a body that lasts until its stream does; a message that is cut short is a fault.
    public mutating func end(_ direction: Direction) throws(WireFault) -> Step<HTTPMessage>? {
        if let failure { throw failure }
        switch state[direction].position {
        case .untilClose:
            finishMessage(direction)
            return .body(length: 0, isLast: true)
        case .head, .frameHead, .http2, .opaque: return nil
        case .length, .chunkLine, .chunkData, .chunkEnd, .framePayload:
            let fault = WireFault(.truncated, "the stream ends within a message", direction)
            failure = fault
            throw fault
        }
    }

    public mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault) {
        if let failure { throw failure }
        if state[direction].position == .length(length) { return finishMessage(direction) }
        if state[direction].skip(length) { return }
        state[direction] = Lane(isLost: true)
        _ = state.takeReader(direction)
        state.isMidstream = true
        // Which of the requests have been answered is not known any more.
        state.requests.removeAll()
    }
}

extension HTTPDecoder {
    /// What stands at the first unconsumed byte of a direction.
    enum Position: Sendable, Equatable {
        case head
        /// Content of known length; what is left of it.
        case length(UInt64)
        case untilClose
        case chunkLine
        case chunkData(UInt64)
        case chunkEnd
        case frameHead
        case framePayload(UInt64)
        case http2
        case opaque(OpaqueReason)
    }

    struct Lane: Sendable, Equatable {
        var position = Position.head
        /// The client has said that no request follows.
        var isLast = false
        /// After a hole: it is not known whether a head stands here.
        var isLost = false
        var frames = WebSocketFrameReader()

        var isBetweenMessages: Bool { position == .head && !isLost }

        /// Whether a hole of that length leaves it clear where the direction stands.
        mutating func skip(_ hole: UInt64) -> Bool {
            switch position {
            case .http2, .opaque: return true
            case .untilClose: return true
            case .length(let left) where hole > 0 && hole < left: position = .length(left - hole)
            case .chunkData(let left) where hole > 0 && hole <= left:
                position = hole == left ? .chunkEnd : .chunkData(left - hole)
            case .framePayload(let left) where hole > 0 && hole <= left:
                position = hole == left ? .frameHead : .framePayload(left - hole)
            default: return false
            }
            return true
        }
    }

    /// All that a decoder remembers between two steps, besides a fault.
    struct State: Sendable, Equatable {
        var client = Lane()
        var server = Lane()
        private var clientReader: HTTPHeadReader?
        private var serverReader: HTTPHeadReader?
        var requests = HTTPRequestQueue()
        /// Requests may have been missed: a response without one is read as that to any other method.
        var isMidstream: Bool

        init(isMidstream: Bool) {
            self.isMidstream = isMidstream
            client.isLost = isMidstream
            server.isLost = isMidstream
        }

        /// The head or trailer section of that direction that has come in part; it is kept again when it is not whole yet.
        mutating func takeReader(_ direction: Direction) -> HTTPHeadReader? {
            direction == .clientToServer ? exchange(&clientReader, with: nil) : exchange(&serverReader, with: nil)
        }

        mutating func keep(_ reader: HTTPHeadReader) {
            if reader.direction == .clientToServer { clientReader = reader } else { serverReader = reader }
        }

        var hasReaders: Bool { clientReader != nil || serverReader != nil }

        subscript(direction: Direction) -> Lane {
            get { direction == .clientToServer ? client : server }
            set { if direction == .clientToServer { client = newValue } else { server = newValue } }
        }
    }
}
