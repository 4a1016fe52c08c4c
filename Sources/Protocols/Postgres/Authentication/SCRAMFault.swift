/// Why a client's SCRAM exchange fails. Holds nothing of what the client sent.
public enum SCRAMFault: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownMechanism
    case malformed(String)
    /// The client was made to believe that there is no channel binding.
    case downgraded
    /// The client's exchange is bound to another certificate than ours: somebody stands between.
    case otherChannel
    case wrongProof
    case outOfOrder

    public var description: String {
        switch self {
        case .unknownMechanism: "the client chose a mechanism that was not offered"
        case .malformed(let reason): "a SCRAM message of the client is malformed: \(reason)"
        case .downgraded: "the client did not see that channel binding was offered"
        case .otherChannel: "the client's channel binding is to another TLS connection"
        case .wrongProof: "the client does not know the password"
        case .outOfOrder: "the client broke the order of the SCRAM exchange"
        }
    }
}
