/// The server's role in a client's login (manual §55.2.1): certificate, SCRAM-SHA-256 with and without channel binding,
/// and a token in the password's place. A value: decoded messages in, actions out.
///
/// One rule holds for all of them: what is proven has to be the user that the startup packet names. One attempt per
/// connection; after a refusal nothing lets anybody in.
public struct PostgresServerLogin<Cryptography: PostgresCryptography>: Sendable {
    /// How the client is to prove who it is.
    public enum Demand: Sendable {
        /// Something has proven it already: the client certificate.
        case nothing(Identity)
        /// `identity` is nobody where the user is unknown: the verifier is then a mock, and the exchange fails at its
        /// end.
        case scram(SCRAMVerifier, SCRAMChannelBinding, identity: Identity?)
        /// A token in the password's place. Only inside TLS.
        case token
        case refusal(PostgresLoginRefusal)
    }

    public enum Action: Sendable, Equatable {
        case send([UInt8])
        /// What ``token`` proves is to be found out. Then call `verified`.
        case verify
        /// The client is let in, once these bytes are sent. AuthenticationOk is left to the upstream.
        case authenticated(Identity, [UInt8])
        /// The client gets these last words. The refusal is for others.
        case refused([UInt8], PostgresLoginRefusal)
    }

    private enum State: Sendable {
        case starting(Demand)
        case scram(SCRAMServer<Cryptography>, identity: Identity?, isBegun: Bool)
        case awaitingToken
        case verifying(Secret)
        case done
        case failed
    }

    private let user: [UInt8]
    private let nonce: [UInt8]
    private var state: State

    /// The longest token, in bytes.
    public static var tokenByteCountMaximum: Int { 16 << 10 }

    /// - Parameters:
    ///   - user: as the startup packet names it.
    ///   - nonce: at least 18 random bytes.
    public init(user: [UInt8], demand: Demand, nonce: [UInt8]) {
        self.user = user
        self.nonce = nonce
        state = .starting(demand)
    }

    /// The token that is to be verified.
    public var token: Secret? {
        if case .verifying(let token) = state { token } else { nil }
    }

    /// What to say after the startup packet.
    public mutating func begin() -> Action {
        guard case .starting(let demand) = exchange(&state, with: .failed) else { return refuse(.outOfOrder) }
        guard !user.isEmpty else { return refuse(.userMissing) }
        switch demand {
        case .nothing(let identity): return admit(identity)
        case .refusal(let refusal): return refuse(refusal)
        case .token:
            state = .awaitingToken
            return .send(PostgresEncoding.authenticationCleartextPassword())
        case .scram(let verifier, let binding, let identity):
            let server = SCRAMServer<Cryptography>(verifier, binding: binding, nonce: nonce)
            guard !server.mechanisms.isEmpty else { return refuse(.plaintext) }
            state = .scram(server, identity: identity, isBegun: false)
            return .send(PostgresEncoding.authenticationSASL(mechanisms: server.mechanisms.map(\.rawValue)))
        }
    }

    /// Takes the client's next message, whose bytes are `bytes`.
    public mutating func received(_ message: PostgresMessage, _ bytes: Span<UInt8>) -> Action {
        switch (exchange(&state, with: .failed), message) {
        case (.awaitingToken, .password(let range)):
            return take(Secret([UInt8](copying: bytes.extracting(range))))
        case (.scram(let server, let identity, false), .saslInitialResponse(let response)):
            return begin(server, identity, response, bytes)
        case (.scram(let server, let identity, true), .saslResponse(let range)):
            return finish(server, identity, [UInt8](copying: bytes.extracting(range)))
        default:
            return refuse(.outOfOrder)
        }
    }

    /// What the token proves.
    public mutating func verified(_ result: Result<Identity, IdentityRefusal>) -> Action {
        guard case .verifying = exchange(&state, with: .failed) else { return refuse(.outOfOrder) }
        switch result {
        case .success(let identity): return admit(identity)
        case .failure(let refusal): return refuse(.identity(refusal))
        }
    }
}

extension PostgresServerLogin {
    private mutating func take(_ token: Secret) -> Action {
        guard !token.bytes.isEmpty else { return refuse(.emptyPassword) }
        guard token.bytes.count <= Self.tokenByteCountMaximum else { return refuse(.identity(.unknownToken)) }
        state = .verifying(token)
        return .verify
    }

    private mutating func begin(
        _ server: SCRAMServer<Cryptography>, _ identity: Identity?,
        _ response: PostgresMessage.SASLInitialResponse, _ bytes: Span<UInt8>
    ) -> Action {
        var server = server
        let data = response.data.map { [UInt8](copying: bytes.extracting($0)) } ?? []
        do throws(SCRAMFault) {
            let answer = try server.received(
                clientFirst: data, mechanism: [UInt8](copying: bytes.extracting(response.mechanism)))
            state = .scram(server, identity: identity, isBegun: true)
            return .send(PostgresEncoding.authenticationSASLContinue(answer))
        } catch {
            return refuse(.scram(error))
        }
    }

    private mutating func finish(
        _ server: SCRAMServer<Cryptography>, _ identity: Identity?, _ data: [UInt8]
    ) -> Action {
        var server = server
        do throws(SCRAMFault) {
            let answer = try server.received(clientFinal: data)
            guard let identity else { return refuse(.identity(.unknownUser)) }
            return admit(identity, PostgresEncoding.authenticationSASLFinal(answer))
        } catch {
            // The auditor is told apart what the client is not.
            return refuse(identity == nil && error == .wrongProof ? .identity(.unknownUser) : .scram(error))
        }
    }

    /// The one way in.
    private mutating func admit(_ identity: Identity, _ words: [UInt8] = []) -> Action {
        guard identity.subject.utf8.elementsEqual(user) else { return refuse(.otherSubject) }
        state = .done
        return .authenticated(identity, words)
    }

    private mutating func refuse(_ refusal: PostgresLoginRefusal) -> Action {
        state = .failed
        return .refused(refusal.words(for: user), refusal)
    }
}
