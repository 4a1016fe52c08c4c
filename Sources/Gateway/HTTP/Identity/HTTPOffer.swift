import Protocols

/// What proves who calls at an HTTP listener, and what whoever brings no proof is told.
struct HTTPOffer: Sendable {
    /// Kinds of bearer token that count: `jwt`, `staticToken`.
    let methods: Set<IdentityMethod>
    /// Where clients get tokens.
    let authorizationServers: [String]
    /// Where the target lies on the listener: "/files", or "/".
    let path: String
    /// Nanoseconds since 1970.
    let now: @Sendable () -> Int64

    var takesTokens: Bool { !methods.isEmpty }

    /// The resource as this client knows it: by the Host that it has sent, which was checked.
    func resource(_ head: HTTPRequestHead, _ bytes: Span<UInt8>, isEncrypted: Bool) -> ProtectedResource {
        let host = head.fields.value(.host, in: bytes) ?? "localhost"
        return ProtectedResource(
            origin: "\(isEncrypted ? "https" : "http")://\(host.lowercased())", path: path,
            authorizationServers: authorizationServers, scopes: [])
    }
}
