/// Bounds on everything that a peer can make a decoder hold. All figures are bytes unless they say otherwise.
public struct WireLimits: Sendable, Equatable {
    /// A message longer than this is a fault. Postgres' own bound is 1 GiB (`MaxAllocSize`).
    public var messageBytes: Int = 1 << 30
    /// Data longer than this is passed on as head and body pieces, never held whole.
    public var wholeBytes: Int = 64 << 10
    /// Messages that rules read (statements, parameters) are held whole up to here.
    public var statementBytes: Int = 1 << 20
    /// What a peer may send before it is authenticated.
    public var loginBytes: Int = 64 << 10
    /// What one direction may pile up while it waits for the other.
    public var parkedBytes: Int = 1 << 20
    /// Names that a connection may define (prepared statements, portals, streams); a count.
    public var names: Int = 10_000
    /// Requests that a peer may have under way unanswered; a count.
    public var pipelined: Int = 100_000
    /// The start line and the fields of one head; HTTP.
    public var headBytes: Int = 64 << 10
    /// Fields of one head or trailer section; a count. HTTP.
    public var fields: Int = 100
    /// The line before a chunk's data: its size and its extensions. HTTP.
    public var chunkLineBytes: Int = 512

    public init() {}
}
