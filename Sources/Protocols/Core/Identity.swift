/// Who is calling, for every protocol alike.
public struct Identity: Sendable, Hashable, Codable {
    /// The caller's name, unique within the issuer that proved it.
    public var subject: String
    public var groups: [String]
    /// How the name was proven: "peer-uid", "scram-sha-256", "jwt", "certificate", "static-token".
    public var method: String
    /// Details of the proof that an auditor wants (uid, issuer, certificate fingerprint); never a secret.
    public var facts: [String: String]
    /// When the proof expires, in nanoseconds since 1970; `nil` when it does not.
    public var validUntil: Int64?

    public init(
        subject: String, groups: [String] = [], method: String, facts: [String: String] = [:], validUntil: Int64? = nil
    ) {
        self.subject = subject
        self.groups = groups
        self.method = method
        self.facts = facts
        self.validUntil = validUntil
    }
}
