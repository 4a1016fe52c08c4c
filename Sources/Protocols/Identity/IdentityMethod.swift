/// The ways to prove an identity, each by the name that it has in ``Identity/method``.
public enum IdentityMethod: String, Sendable, CaseIterable {
    case scram = "scram-sha-256"
    case jwt
    case staticToken = "static-token"
    case certificate
}
