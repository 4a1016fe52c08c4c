/// What does not change about the way of one connection's requests; shared by the connections of a listener.
final class HTTPRoute: Sendable {
    /// What the upstream gets as Host.
    let authority: [UInt8]
    /// The upstream's own origin (RFC 6454 §6.2).
    let origin: [UInt8]

    init(_ upstream: HTTPUpstream) {
        authority = Array(upstream.authority.utf8)
        origin = Array(upstream.name.utf8)
    }
}
