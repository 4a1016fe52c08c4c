import Adapters
import Protocols

/// Finds out who makes each request of one connection: by its bearer token, else by the connection's client certificate or
/// by who owns it. A session is no proof.
struct RequestCallers: HTTPCallers {
    private let offer: HTTPOffer
    /// Whom the connection itself proves; `nil`: nobody.
    private let owner: Identity?
    private let isEncrypted: Bool
    /// The token that was checked last, so that a connection that shows it each time has it checked once.
    private var checked: (token: Secret, identity: Identity)?
    private var pending: Secret?
    private var found: Result<Identity, IdentityRefusal>?

    init(_ offer: HTTPOffer, owner: Identity?, isEncrypted: Bool) {
        self.offer = offer
        self.owner = owner
        self.isEncrypted = isEncrypted
    }

    mutating func caller(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> HTTPCaller {
        let resource = offer.resource(head, bytes, isEncrypted: isEncrypted)
        if head.method == .get, resource.hasMetadata, resource.isMetadata(path: head.pathText(in: bytes)) {
            return .answer(resource.metadata, reason: "the metadata of the resource")
        }
        if let found = found.take() { return settled(found, resource) }
        guard offer.takesTokens else { return byConnection(resource) }
        var values: [[UInt8]] = []
        for field in head.fields where field.name == .authorization {
            values.append([UInt8](copying: bytes.extracting(field.valueRange)))
        }
        switch BearerToken(values) {
        case .missing: return byConnection(resource)
        case .malformed: return Self.challenge(resource, .invalidRequest, "an Authorization that is no bearer token")
        case .token(let token): return byToken(token)
        }
    }

    mutating func found(_ result: Result<Identity, IdentityRefusal>) { found = result }

    private mutating func byToken(_ token: Secret) -> HTTPCaller {
        if let checked, OpenSSLCryptography.areEqual(checked.token.bytes.span, token.bytes.span),
            checked.identity.validUntil.map({ offer.now() < $0 }) ?? true
        {
            return .known(checked.identity)
        }
        pending = token
        return .find(token)
    }

    private mutating func settled(
        _ found: Result<Identity, IdentityRefusal>, _ resource: ProtectedResource
    ) -> HTTPCaller {
        let token = pending.take()
        switch found {
        case .success(let identity):
            if let token { checked = (token, identity) }
            return .known(identity)
        case .failure(let refusal):
            return Self.challenge(resource, .invalidToken, "\(refusal)")
        }
    }

    private func byConnection(_ resource: ProtectedResource) -> HTTPCaller {
        guard let owner, owner.validUntil.map({ offer.now() < $0 }) ?? true else {
            return Self.challenge(resource, nil, "nothing that proves who calls")
        }
        return .known(owner)
    }

    /// - Parameter reason: for the recording; the client is not told it.
    private static func challenge(_ resource: ProtectedResource, _ error: BearerError?, _ reason: String) -> HTTPCaller
    {
        var answer = HTTPAnswer.problem(
            401, "Unauthorized", error?.description ?? "a bearer token or a client certificate is needed")
        answer.fields.append(HTTPAnswer.Field(name: "www-authenticate", value: resource.challenge(error)))
        return .answer(answer, reason: "not let in: \(reason)")
    }
}
