import Adapters
import Protocols
import Transport

// Who is calling, and where may it go.
extension PostgresReception {
    private typealias Login = PostgresServerLogin<OpenSSLCryptography>

    /// Somebody who wants a session.
    nonisolated(nonsending) mutating func caller(
        _ startup: PostgresStartupRequest
    ) async throws(TurnedAway) -> Arrival<PostgresEndpoint> {
        if service.tls?.isRequired == true, tls == nil { throw .fatal("28000", "TLS is needed here", Self.tlsHint) }
        let identity: Identity
        if let owner = await owner() { identity = owner } else { identity = try await logIn(startup) }
        guard let route = service.targets.route(startup, for: identity) else {
            let names = service.targets.names(for: identity)
            let wanted = startup.value("database") ?? startup.value("user") ?? ""
            let hint = names.isEmpty ? "There is none for you here." : "You may name: \(names.joined(separator: ", "))."
            throw .fatal("3D000", "there is no target \"\(DisplayText.line(wanted))\" for you", hint)
        }
        if let refusal = judge(identity, on: route.target)?.refusal(of: startup) {
            throw .fatal(refusal.code, refusal.message, refusal.hint)
        }
        return arrival(identity, route.target, .session(startup, route))
    }

    /// Somebody who wants a session's query cancelled: the key is the proof.
    nonisolated(nonsending) mutating func canceller(
        _ key: CancelKey
    ) async throws(TurnedAway) -> Arrival<PostgresEndpoint> {
        let session = commons.cancels.session(for: key, at: client.loop.now.monotonicNanoseconds)
        if let owner = await owner() {
            return arrival(owner, session?.route.target ?? "no session", .cancel(session))
        }
        guard let session else { throw .gone("its cancel request names no session") }
        let caller = Identity(subject: session.route.caller.subject, method: "cancel-key")
        return arrival(caller, session.route.target, .cancel(session))
    }

    private static var tlsHint: String { "Connect with sslmode=verify-full, or at least with sslmode=require." }

    /// The one user for whom the kernel's word is enough.
    nonisolated(nonsending) private func owner() async -> Identity? {
        guard let owner = service.admission.owner, await PeerOwner.uid(of: client, pool: commons.pool) == owner.uid
        else { return nil }
        return Identity(owner)
    }

    nonisolated(nonsending) private mutating func logIn(
        _ startup: PostgresStartupRequest
    ) async throws(TurnedAway) -> Identity {
        guard let logins = service.admission.logins else {
            throw .told(.stranger(served: service.admission.owner?.name ?? "nobody"))
        }
        let user = startup.parameters.first { $0.name == "user" }?.value ?? []
        let scene = PostgresLoginScene(
            isPrivate: tls != nil || client.localAddress.isLoopback, endPoint: tls?.localCertificate?.endPoint,
            certificate: tls.flatMap { $0.isPeerVerified ? $0.peerCertificate?.client : nil },
            now: client.loop.now.wallNanoseconds)
        let demand = logins.directory.store.demand(of: user, scene, logins.policy)
        var login = Login(user: user, demand: demand, nonce: SystemRandom.bytes(18))
        var action = login.begin()
        while true {
            switch action {
            case .send(let words):
                try say(words, secrets: Self.secrets(in: words))
                let (message, packet) = try await next()
                prologue.heard(
                    packet, secrets: Self.secrets(of: message, packet), "credentials stop at the gateway",
                    at: client.loop.now)
                action = login.received(message, packet.span)
            case .verify:
                action = login.verified(await verify(login.token, logins))
            case .authenticated(let identity, let words):
                if !words.isEmpty { try say(words, secrets: Self.secrets(in: words)) }
                return identity
            case .refused(let words, let refusal):
                let name = DisplayText.line(DisplayText.decode(user.span, limit: 64))
                throw .spoken(words, reason: "\(refusal), as user \(name)")
            }
        }
    }

    nonisolated(nonsending) private func verify(
        _ token: Secret?, _ logins: PostgresService.Logins
    ) async -> Result<Identity, IdentityRefusal> {
        guard let token else { return .failure(.unknownToken) }
        do throws(IdentityRefusal) {
            return .success(
                try await logins.directory.identity(
                    presenting: token, accepting: logins.policy.tokens, on: client.loop))
        } catch { return .failure(error) }
    }

    /// The client's proof, but for what surrounds it: the recording stays readable.
    private static func secrets(of message: PostgresMessage, _ packet: [UInt8]) -> [Range<Int>] {
        switch message {
        case .password(let password): [password]
        case .saslInitialResponse(let response): response.data.map { [$0] } ?? []
        default: [PostgresMessage.headerBytes..<packet.count]
        }
    }

    /// What a SASL exchange shows of a password (manual §55.3): with the other side's words it could be guessed at.
    private static func secrets(in words: [UInt8]) -> [Range<Int>] {
        let content = PostgresMessage.headerBytes + 4
        guard let request = words.span.uint32BE(at: PostgresMessage.headerBytes), [11, 12].contains(request) else {
            return []
        }
        return [content..<words.count]
    }
}

extension PostgresReception.TurnedAway {
    fileprivate static func fatal(_ code: String, _ message: String, _ hint: String) -> Self {
        .spoken(PostgresFarewell.fatal(code, message, hint: hint), reason: message)
    }
}
