public import Protocols

/// Reads one protocol's messages as they cross, and decides about each. A value: no I/O, no clock.
public protocol Interceptor<Message>: Sendable {
    associatedtype Message: Sendable

    /// `bytes` are the message's own; when `isWhole` is false, they are its head and the body follows in pieces,
    /// which go the way of the head.
    mutating func judge(
        _ message: Message, _ bytes: Span<UInt8>, _ direction: Direction, isWhole: Bool
    ) -> Verdict

    /// The part of a body's next piece that is recorded as filler; asked where the body goes on with its head.
    mutating func secret(inBody piece: Span<UInt8>, _ direction: Direction) -> (range: Range<Int>, reason: String)?

    /// Whether the rest of a connection that can no longer be read may go on as mere bytes.
    func passesOpaque(_ reason: OpaqueReason) -> Bool

    /// Nothing is under way and nothing is held open: the connection may end here without harm.
    var isAtRest: Bool { get }

    /// Why the connection will end, once one of its sides has announced that.
    var announcedEnd: String? { get }

    /// The last words to a client whose connection ends for `cause`; none where the protocol has none to say.
    mutating func farewell(_ cause: FarewellCause) -> [UInt8]
}

extension Interceptor {
    public mutating func secret(
        inBody piece: Span<UInt8>, _ direction: Direction
    ) -> (range: Range<Int>, reason: String)? { nil }
}
