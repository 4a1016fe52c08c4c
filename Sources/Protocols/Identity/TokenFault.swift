/// Why a JSON Web Token is not accepted. Holds nothing of the token.
public enum TokenFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is no JWS in compact serialization (RFC 7515 §7.1) with an object of claims.
    case malformed(String)
    case unknownIssuer
    /// No key of the issuer has the token's `kid`: the keys may have changed.
    case unknownKey
    /// The token names another algorithm than the key's own.
    case wrongAlgorithm
    case wrongSignature
    case wrongAudience
    case expired
    case notYetValid
    /// A claim that is needed is missing, or of a wrong type.
    case claim(String)
    /// It says that it is for another purpose (`typ`), or demands what we do not know (`crit`, `cnf`).
    case unsupported(String)

    public var description: String {
        switch self {
        case .malformed(let reason): "it is malformed: \(reason)"
        case .unknownIssuer: "its issuer is not configured"
        case .unknownKey: "its issuer has no such key"
        case .wrongAlgorithm: "its algorithm is not the key's"
        case .wrongSignature: "its signature is wrong"
        case .wrongAudience: "it is for another audience"
        case .expired: "it has expired"
        case .notYetValid: "it is not valid yet"
        case .claim(let name): "its claim “\(name)” is missing or wrong"
        case .unsupported(let what): "its \(what) is not supported"
        }
    }
}
