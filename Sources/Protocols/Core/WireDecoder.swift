/// Turns the bytes of one connection into messages. Owns no buffer, socket, clock or task.
///
/// One decoder serves the live gateway, the timeline of a recording and the validation of a capture; they differ
/// only in who holds the bytes. Chunking never matters: however a stream is cut, the same messages come out.
/// A decoder that has thrown throws the same fault at every later call.
public protocol WireDecoder: Sendable {
    associatedtype Message: Sendable

    init(limits: WireLimits)

    /// Reads one step. `bytes` starts at the first unconsumed byte of `direction`.
    mutating func step(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Step<Message>

    /// The direction ended with nothing left unconsumed but what `step` could not use.
    mutating func end(_ direction: Direction) throws(WireFault) -> Step<Message>?

    /// `length` bytes of the direction are missing from here on: a hole in a capture. 0: nobody knows how many.
    mutating func gap(_ length: UInt64, _ direction: Direction) throws(WireFault)
}
