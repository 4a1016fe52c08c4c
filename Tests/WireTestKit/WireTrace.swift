public import Protocols

/// One turn of a conversation.
public enum WireTurn: Sendable, Equatable {
    case bytes([UInt8], Direction)
    /// So many bytes are missing from a capture.
    case gap(UInt64, Direction)
}

extension WireSession {
    /// The turns one after another, each cut as told.
    public mutating func feed(
        _ turns: [WireTurn], _ chunking: Chunking,
        emit: (WireEvent<Decoder.Message>, Direction, _ offset: UInt64, _ bytes: Span<UInt8>) -> Void
    ) throws(WireFault) {
        for turn in turns {
            switch turn {
            case .gap(let length, let direction): try gap(length, direction)
            case .bytes(let bytes, let direction):
                for piece in chunking.pieces(of: bytes.count) {
                    try feed(bytes.span.extracting(piece), direction, emit: emit)
                }
            }
        }
    }
}

/// What a decoder made of a conversation, in a form that does not depend on how the bytes were cut.
public struct WireTrace<Message: Sendable & Equatable>: Sendable, Equatable {
    public enum Entry: Sendable, Equatable {
        case message(Message, offset: UInt64, length: Int)
        case head(Message, offset: UInt64, body: UInt64?)
        /// Pieces that follow each other are one.
        case body(offset: UInt64, length: Int, isLast: Bool)
        case become(ProtocolID, offset: UInt64)
        case opaque(OpaqueReason, offset: UInt64)
    }

    public private(set) var client: [Entry] = []
    public private(set) var server: [Entry] = []
    public private(set) var fault: WireFault?

    /// Lets a decoder read the turns one after another, each cut as told, until it throws. `inspect` gets each message
    /// and its bytes.
    public init<Decoder: WireDecoder>(
        _ decoder: Decoder, limits: WireLimits = WireLimits(), turns: [WireTurn], _ chunking: Chunking,
        inspect: (Message, Span<UInt8>) -> Void = { _, _ in }
    ) where Decoder.Message == Message {
        var session = WireSession(decoder, limits: limits)
        do throws(WireFault) {
            try session.feed(turns, chunking) { event, direction, offset, bytes in
                add(event, direction, offset, bytes.count)
                if case .message(let message) = event { inspect(message, bytes) }
            }
        } catch {
            fault = error
            forgetUnfinishedBody(error.direction.opposite)
        }
    }

    public subscript(direction: Direction) -> [Entry] {
        get { direction == .clientToServer ? client : server }
        _modify {
            if direction == .clientToServer { yield &client } else { yield &server }
        }
    }

    public func messages(_ direction: Direction) -> [Message] {
        self[direction].compactMap { if case .message(let message, _, _) = $0 { message } else { nil } }
    }

    public mutating func add(
        _ event: WireEvent<Message>, _ direction: Direction, _ offset: UInt64, _ length: Int
    ) {
        switch event {
        case .message(let message): self[direction].append(.message(message, offset: offset, length: length))
        case .head(let message, let body): self[direction].append(.head(message, offset: offset, body: body))
        case .body(let isLast): addBody(direction, offset, length, isLast)
        case .become(let id): self[direction].append(.become(id, offset: offset))
        case .opaque(let reason): self[direction].append(.opaque(reason, offset: offset))
        }
    }

    /// How much of a body had come when the other direction failed depends on how the bytes were cut.
    private mutating func forgetUnfinishedBody(_ direction: Direction) {
        if case .body(_, _, isLast: false)? = self[direction].last { self[direction].removeLast() }
    }

    private mutating func addBody(_ direction: Direction, _ offset: UInt64, _ length: Int, _ isLast: Bool) {
        if case .body(let start, let before, false)? = self[direction].last, start + UInt64(before) == offset {
            self[direction].removeLast()
            self[direction].append(.body(offset: start, length: before + length, isLast: isLast))
        } else {
            self[direction].append(.body(offset: offset, length: length, isLast: isLast))
        }
    }
}
