public import Protocols

/// What a decoder made of a conversation, in a form that does not depend on how the bytes were cut.
public struct WireTrace<Message: Sendable & Equatable>: Sendable, Equatable {
    public enum Entry: Sendable, Equatable {
        case message(Message, Direction, offset: UInt64, length: Int)
        case head(Message, Direction, offset: UInt64, body: UInt64?)
        /// Pieces that follow each other are one.
        case body(Direction, offset: UInt64, length: Int, isLast: Bool)
        case become(ProtocolID, Direction, offset: UInt64)
        case opaque(OpaqueReason, Direction, offset: UInt64)
    }

    public private(set) var entries: [Entry] = []
    public private(set) var fault: WireFault?

    /// Lets a decoder read the turns one after another, each cut as told, until it throws.
    public init<Decoder: WireDecoder>(
        _ decoder: Decoder, limits: WireLimits = WireLimits(), turns: [(Direction, [UInt8])], _ chunking: Chunking
    ) where Decoder.Message == Message {
        var session = WireSession(decoder, limits: limits)
        do throws(WireFault) {
            for (direction, bytes) in turns {
                for piece in chunking.pieces(of: bytes.count) {
                    try session.feed(bytes.span.extracting(piece), direction) { event, direction, offset, bytes in
                        add(event, direction, offset, bytes.count)
                    }
                }
            }
        } catch { fault = error }
    }

    public var messages: [Message] {
        entries.compactMap { if case .message(let message, _, _, _) = $0 { message } else { nil } }
    }

    public mutating func add(
        _ event: WireEvent<Message>, _ direction: Direction, _ offset: UInt64, _ length: Int
    ) {
        switch event {
        case .message(let message): entries.append(.message(message, direction, offset: offset, length: length))
        case .head(let message, let body): entries.append(.head(message, direction, offset: offset, body: body))
        case .body(let isLast): addBody(direction, offset, length, isLast)
        case .become(let id): entries.append(.become(id, direction, offset: offset))
        case .opaque(let reason): entries.append(.opaque(reason, direction, offset: offset))
        }
    }

    private mutating func addBody(_ direction: Direction, _ offset: UInt64, _ length: Int, _ isLast: Bool) {
        if case .body(direction, let start, let before, false)? = entries.last, start + UInt64(before) == offset {
            entries[entries.count - 1] = .body(direction, offset: start, length: before + length, isLast: isLast)
        } else {
            entries.append(.body(direction, offset: offset, length: length, isLast: isLast))
        }
    }
}
