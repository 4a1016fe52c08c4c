/// The ways to log in on one address.
public struct PostgresLoginPolicy: Sendable, Hashable {
    public var methods: Set<IdentityMethod>
    /// Whether passwords are taken only in exchanges that are bound to our certificate, and tokens not at all.
    public var requiresChannelBinding: Bool

    public init(methods: Set<IdentityMethod>, requiresChannelBinding: Bool = false) {
        self.methods = methods
        self.requiresChannelBinding = requiresChannelBinding
    }

    /// The kinds of token that are taken.
    public var tokens: Set<IdentityMethod> {
        requiresChannelBinding ? [] : methods.intersection([.jwt, .staticToken])
    }
}

/// What a connection brings to a login.
public struct PostgresLoginScene: Sendable {
    /// Nobody can listen: TLS, or a connection that does not leave this machine.
    public var isPrivate: Bool
    /// Of our certificate, tls-server-end-point (RFC 5929 §4.1); `nil` without TLS, or where there is none.
    public var endPoint: [UInt8]?
    /// The client's certificate, if TLS has verified one.
    public var certificate: ClientCertificate?
    /// Nanoseconds since 1970.
    public var now: Int64

    public init(isPrivate: Bool, endPoint: [UInt8]? = nil, certificate: ClientCertificate? = nil, now: Int64) {
        self.isPrivate = isPrivate
        self.endPoint = endPoint
        self.certificate = certificate
        self.now = now
    }
}

extension IdentityStore where Cryptography: PostgresCryptography {
    /// How the client that named `user` is to prove that it is that user.
    ///
    /// A certificate of the user is enough. Then comes the password, if there is one, else a token. Where both are
    /// taken, strangers can see from what they are asked which users have a password.
    public func demand(
        of user: [UInt8], _ scene: PostgresLoginScene, _ policy: PostgresLoginPolicy
    ) -> PostgresServerLogin<Cryptography>.Demand {
        var refusal = PostgresLoginRefusal.certificateMissing
        if policy.methods.contains(.certificate), let certificate = scene.certificate {
            do throws(IdentityRefusal) {
                let identity = try identity(of: certificate, at: scene.now)
                if identity.subject.utf8.elementsEqual(user) { return .nothing(identity) }
                refusal = .otherSubject
            } catch {
                refusal = .identity(error)
            }
        }
        let takesTokens = scene.isPrivate && !policy.tokens.isEmpty
        if policy.methods.contains(.scram), hasPassword(user) || !takesTokens {
            let (verifier, identity) = password(of: user)
            let binding = SCRAMChannelBinding(endPoint: scene.endPoint, isRequired: policy.requiresChannelBinding)
            return .scram(verifier, binding, identity: identity)
        }
        if takesTokens { return .token }
        return .refusal(policy.tokens.isEmpty ? refusal : .plaintext)
    }
}
