/// The part of a frame before its payload (RFC 6455 §5.2).
public struct WebSocketFrameHead: Sendable, Equatable {
    public var opcode: WebSocketOpcode
    /// The last frame of its message.
    public var isFinal: Bool
    /// The message is compressed (RFC 7692 §6); in its first frame.
    public var isCompressed: Bool
    /// What the payload was combined with; clients' frames have one, servers' none.
    public var mask: UInt32?
    /// Bytes.
    public var payloadLength: UInt64
}

/// RFC 6455 §11.8.
public enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Frames about the connection may stand between the fragments of a message (§5.5).
    public var isControl: Bool { rawValue >= 8 }
}
