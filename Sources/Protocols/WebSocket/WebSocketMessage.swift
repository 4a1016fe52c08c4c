/// A message or a control frame, put together (RFC 6455 §5.4, §5.5).
public struct WebSocketMessage: Sendable, Equatable {
    /// `text`, `binary`, `close`, `ping` or `pong`.
    public var opcode: WebSocketOpcode
    /// Unmasked; as sent where ``isCompressed``. The beginning where ``isCut``.
    public var payload: [UInt8]
    /// Bytes of payload in all fragments.
    public var byteCount: UInt64
    /// Compressed by permessage-deflate (RFC 7692).
    public var isCompressed: Bool
    /// The payload was longer than the limit.
    public var isCut: Bool

    /// Whether text is the UTF-8 that it must be (§8.1); of what is cut or compressed nobody can tell.
    public var isValidText: Bool {
        guard opcode == .text, !isCompressed, !isCut else { return true }
        return String(validating: payload, as: UTF8.self) != nil
    }

    /// Why the connection is closed; `nil` for other messages.
    public var close: WebSocketClose? { opcode == .close ? WebSocketClose(payload) : nil }
}

/// The payload of a close frame (RFC 6455 §5.5.1, §7.4).
public struct WebSocketClose: Sendable, Equatable {
    /// `nil` where the frame gives none.
    public var code: UInt16?
    public var reason: String
    /// The code may be sent, and the reason is UTF-8.
    public var isValid: Bool

    init(_ payload: [UInt8]) {
        code = payload.span.uint16BE(at: 0)
        let text = payload.dropFirst(2)
        reason = DisplayText.decode(Array(text).span)
        isValid =
            payload.isEmpty || code.map(Self.maySend) ?? false && String(validating: text, as: UTF8.self) != nil
    }

    /// 1004 to 1006 and 1015 are reserved; 3000 and above are for libraries and applications (§7.4.2).
    private static func maySend(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// Puts the messages of one direction together from their frames. A control frame may come between two fragments.
public struct WebSocketAssembler: Sendable, Equatable {
    private let limit: Int
    private var message: WebSocketMessage?
    private var control: WebSocketMessage?
    private var head: WebSocketFrameHead?
    /// Payload bytes of this frame that have come.
    private var received: UInt64 = 0

    /// - Parameter limit: bytes of payload that are held of one message; what is longer is cut.
    public init(limit: Int = 1 << 20) { self.limit = limit }

    /// The head of the next frame. Returns the message that it ends, when no payload follows.
    public mutating func begin(_ head: WebSocketFrameHead) -> WebSocketMessage? {
        self.head = head
        received = 0
        if head.opcode != .continuation {
            let new = WebSocketMessage(
                opcode: head.opcode, payload: [], byteCount: 0, isCompressed: head.isCompressed, isCut: false)
            if head.opcode.isControl { control = new } else { message = new }
        }
        return head.payloadLength == 0 ? endFrame() : nil
    }

    /// A piece of the frame's payload as it was sent. Returns the message that it ends.
    public mutating func payload(_ piece: Span<UInt8>, isLast: Bool) -> WebSocketMessage? {
        guard let head else { return nil }
        let isControl = head.opcode.isControl
        guard var target = isControl ? exchange(&control, with: nil) : exchange(&message, with: nil) else { return nil }
        let mask = head.mask ?? 0
        for index in piece.indices where target.payload.count < limit {
            let shift = 24 - 8 * ((received + UInt64(index)) & 3)
            target.payload.append(piece[index] ^ UInt8(truncatingIfNeeded: mask >> UInt32(shift)))
        }
        received += UInt64(piece.count)
        target.byteCount += UInt64(piece.count)
        target.isCut = target.byteCount > UInt64(target.payload.count)
        if isControl { control = target } else { message = target }
        return isLast ? endFrame() : nil
    }

    private mutating func endFrame() -> WebSocketMessage? {
        guard let head = exchange(&head, with: nil) else { return nil }
        if head.opcode.isControl { return exchange(&control, with: nil) }
        return head.isFinal ? exchange(&message, with: nil) : nil
    }
}
