/// A fact that the bytes alone do not tell: a decision, a redaction, a fault, a difference between the two legs.
///
/// Recordings keep annotations as NOTE records. Client leg plus annotations give the upstream leg after authentication.
public struct Annotation: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// `range` holds filler of the same length in place of a secret.
        case redaction
        /// `range` was sent by the client and withheld from the upstream.
        case withheld
        /// `range` was made by the gateway and never sent by the upstream.
        case synthesized
        /// The other leg carried `otherLeg` in place of `range`.
        case replaced
        /// A rule refused what `range` asks for.
        case refused
        /// A question was put, answered or withdrawn.
        case question
        /// A peer broke the protocol.
        case fault
        /// The connection serves a session that other connections serve, too; the reason is the session's key.
        case session
        /// Anything else worth telling (upstream address, cancel delivered).
        case information
    }

    public var kind: Kind
    public var direction: Direction
    public var stream: UInt32
    /// Bytes of the client leg in `direction`, counted from the start of the stream.
    public var range: Range<UInt64>
    /// One sentence for an auditor: names the rule, the remedy, the cause.
    public var reason: String
    /// What the upstream leg carried instead.
    public var otherLeg: [UInt8]

    public init(
        _ kind: Kind, _ direction: Direction, stream: UInt32 = 0, range: Range<UInt64>, reason: String,
        otherLeg: [UInt8] = []
    ) {
        self.kind = kind
        self.direction = direction
        self.stream = stream
        self.range = range
        self.reason = reason
        self.otherLeg = otherLeg
    }
}
