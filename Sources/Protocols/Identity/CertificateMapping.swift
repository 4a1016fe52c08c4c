/// Which client certificates stand for whom.
public struct CertificateMapping: Sendable, Hashable {
    /// The part of the certificate that the pattern is about.
    public var field: ClientCertificate.Field
    public var pattern: NamePattern
    /// The groups of all whom this mapping names.
    public var groups: [String]

    public init(field: ClientCertificate.Field, pattern: NamePattern, groups: [String] = []) {
        self.field = field
        self.pattern = pattern
        self.groups = groups
    }

    /// The user whom the certificate names; `nil` when this mapping does not fit it.
    func user(in certificate: ClientCertificate) throws(IdentityRefusal) -> String? {
        let users = Set((certificate.names[field] ?? []).compactMap { pattern.user(in: $0) })
        guard users.count <= 1 else { throw .ambiguousCertificate }
        return users.first
    }
}
