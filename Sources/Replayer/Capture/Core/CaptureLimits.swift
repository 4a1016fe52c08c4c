/// Bounds on what a capture can make its reader hold. Bytes, unless they say otherwise.
public struct CaptureLimits: Sendable, Equatable {
    /// Flows that are followed at a time; a count. Beyond, the one that has been silent the longest ends.
    public var flows = 65_536
    /// What one direction holds behind a hole; beyond, the hole is taken for lost.
    public var behindHole = 1 << 20
    /// Pieces that one direction holds behind a hole; a count.
    public var piecesBehindHole = 4096
    /// What one direction holds of bytes that are not acknowledged, to compare retransmissions with.
    public var unacknowledged = 64 << 10
    /// Packets of a flow after which a hole whose bytes were acknowledged is taken for lost, and a flow without SYN begun; a
    /// count. Packets that were captured out of order by less than this are put in order.
    public var patience = 64
    /// What of each direction is held until the protocol is known.
    public var undecided = 64 << 10
    /// What a flow holds until it is known where its directions begin.
    public var opening = 256 << 10
    /// What all flows together hold of the above, and decoders of what is not whole or not answered, per thread.
    public var held = 128 << 20
    /// What fragments of IP packets hold that are not whole, for all flows together.
    public var fragmentBytes = 4 << 20
    /// Fragmented packets that may begin before one of which something is missing is given up; a count.
    public var fragmentedPackets = 8192
    /// Conflicts of one flow that are told one by one; a count.
    public var conflicts = 100

    public init() {}
}
