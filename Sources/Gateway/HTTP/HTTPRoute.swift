/// What does not change about the way of one connection's requests; shared by the connections of a listener.
final class HTTPRoute: Sendable {
    /// What the upstream gets as Host.
    let authority: String
    /// The upstream's own origin (RFC 6454 §6.2).
    let origin: String

    init(_ upstream: HTTPUpstream) {
        authority = upstream.authority
        origin = upstream.name
    }
}
