/// What a client's certificate says of its owner. TLS has checked it: its chain, its dates, whether it was revoked.
public struct ClientCertificate: Sendable, Hashable {
    /// The parts that can name somebody.
    public enum Field: String, Sendable, CaseIterable {
        case commonName, subject, email, dns, uri
    }

    /// The texts of each part. The subject is in the form of RFC 4514: `CN=alice,OU=Orders,O=Example`.
    public var names: [Field: [String]]
    /// SHA-256 of the certificate in DER.
    public var fingerprint: [UInt8]
    /// In nanoseconds since 1970.
    public var notAfter: Int64

    public init(names: [Field: [String]], fingerprint: [UInt8], notAfter: Int64) {
        self.names = names
        self.fingerprint = fingerprint
        self.notAfter = notAfter
    }
}
