/// Why what a caller has shown proves no identity: for the operator's log and the recording, not for the caller. Holds
/// no secret, and nothing that the caller could have made up.
public enum IdentityRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownUser
    case unknownToken
    /// A static token that is over.
    case expiredToken
    case token(TokenFault)
    /// No mapping fits the certificate.
    case unmappedCertificate
    /// One mapping gives the certificate's names different subjects.
    case ambiguousCertificate
    case expiredCertificate

    public var description: String {
        switch self {
        case .unknownUser: "there is no such user"
        case .unknownToken: "the token is unknown"
        case .expiredToken: "the token has expired"
        case .token(let fault): "the token is not accepted: \(fault)"
        case .unmappedCertificate: "no mapping fits the client certificate"
        case .ambiguousCertificate: "the client certificate has names of several subjects"
        case .expiredCertificate: "the client certificate has expired"
        }
    }
}
