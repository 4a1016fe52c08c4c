/// What a decoder found at the first unconsumed byte of one direction.
///
/// Lengths count bytes from there. Messages hold ranges into the same bytes, never copies.
public enum Step<Message: Sendable>: Sendable {
    /// A whole message of `length` bytes.
    case message(Message, length: Int)
    /// The head of a message too long to be held whole; `body` bytes follow as ``body(length:isLast:)``.
    /// A `nil` body lasts until the end of the stream.
    case head(Message, length: Int, body: UInt64?)
    /// The next piece of the body that the last head began.
    case body(length: Int, isLast: Bool)
    /// Nothing can be said before this many bytes are there.
    case needMore(atLeast: Int)
    /// Nothing can be said before the other direction has been read further.
    case awaitOther
    /// From here on another protocol is spoken.
    case become(ProtocolID)
    /// From here on only bytes are known.
    case opaque(OpaqueReason)
}

/// Why a stream cannot be read any further.
public enum OpaqueReason: String, Sendable, Codable {
    case tls
    case encrypted
    case unsupported
}
