public import Protocols

/// A certificate with those that lead from it towards a root, and its private key. Prints no key.
public struct TLSIdentity: Sendable {
    /// PEM, the certificate itself first.
    public var chain: String
    /// PEM, not encrypted.
    public var key: Secret

    public init(chain: String, key: Secret) {
        self.chain = chain
        self.key = key
    }
}

/// Whose certificates are believed, and which of them no longer.
public struct TLSTrust: Sendable {
    public enum Roots: Sendable {
        /// What the system trusts: /etc/ssl/certs, or what SSL_CERT_FILE and SSL_CERT_DIR name.
        case system
        /// These and no others, in PEM.
        case pem(String)
    }

    public var roots: Roots
    /// Certificate revocation lists in PEM (RFC 5280 §5). If there are any, each authority of a chain needs one that
    /// has not expired.
    public var revocationLists: [String]

    public init(roots: Roots, revocationLists: [String] = []) {
        self.roots = roots
        self.revocationLists = revocationLists
    }
}

/// How we present ourselves as a server, and what we demand of clients.
public struct TLSServerSettings: Sendable {
    public enum ClientCertificates: Sendable {
        case notRequested
        /// A client without one is let in; one that is not trusted is not.
        case optional(TLSTrust)
        case required(TLSTrust)
    }

    /// The client's server name (SNI) chooses among them; the first serves whoever names no host or an unknown one.
    public var identities: [TLSIdentity]
    public var clientCertificates: ClientCertificates
    /// Application protocols (ALPN), the preferred one first. A client that offers only others is refused; one that
    /// offers none is let in, and `TLSFacts.applicationProtocol` is nil.
    public var applicationProtocols: [String]

    public init(
        identities: [TLSIdentity], clientCertificates: ClientCertificates = .notRequested,
        applicationProtocols: [String] = []
    ) {
        self.identities = identities
        self.clientCertificates = clientCertificates
        self.applicationProtocols = applicationProtocols
    }
}

/// What we demand of servers, and how we present ourselves to them.
public struct TLSClientSettings: Sendable {
    /// libpq's words for the three: `verify-full`, `verify-ca`, `require`.
    public enum Verification: Sendable {
        /// The server's certificate must lead to a root and bear the host's name.
        case full(TLSTrust)
        /// It must lead to a root; the name does not matter.
        case authority(TLSTrust)
        /// Anybody may be at the other end.
        case off
    }

    public var verification: Verification
    /// What we show to a server that asks for a certificate.
    public var identity: TLSIdentity?
    /// Application protocols (ALPN), the preferred one first.
    public var applicationProtocols: [String]

    public init(
        verification: Verification, identity: TLSIdentity? = nil, applicationProtocols: [String] = []
    ) {
        self.verification = verification
        self.identity = identity
        self.applicationProtocols = applicationProtocols
    }
}

/// Why no context can be made of some settings. Holds no content of keys or certificates.
public enum TLSSettingsFault: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Part: String, Sendable {
        case chain = "certificate chain"
        case key = "private key"
        case roots = "trusted roots"
        case revocationList = "revocation list"
        case applicationProtocols = "application protocols"
    }

    case missing(Part)
    /// Not PEM, or not of that kind.
    case unreadable(Part)
    case encryptedKey
    /// The private key is not the one of the certificate.
    case keyOfAnother
    /// OpenSSL does not take it, and says why: a key that is too small, for one.
    case unusable(Part, reason: String)

    public var description: String {
        switch self {
        case .missing(let part): "there is no \(part.rawValue)"
        case .unreadable(let part): "the \(part.rawValue) cannot be read as PEM"
        case .encryptedKey: "the private key is encrypted: store it decrypted, readable for its owner alone"
        case .keyOfAnother: "the private key does not belong to the certificate"
        case .unusable(let part, let reason): "the \(part.rawValue) cannot be used: \(reason)"
        }
    }
}
