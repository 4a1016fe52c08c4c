import Protocols

/// What does not change about the way of one connection's requests.
final class HTTPRoute: Sendable {
    /// A field that the upstream gets in place of all that callers send under its name.
    struct Credential: Sendable {
        /// In lower case.
        let name: String
        /// `nil`: callers' fields are left out, and none takes their place.
        let value: Secret?
    }

    /// What the upstream gets as Host.
    let authority: String
    /// The upstream's own origin (RFC 6454 §6.2).
    let origin: String
    /// What of callers' paths the upstream does not see, and what takes its place; "/" for nothing.
    let prefix: String
    let base: String
    /// Empty where callers' own credentials pass.
    let credentials: [Credential]
    /// Who the requests come from, as the upstream is told.
    let forwarded: HTTPForwarded

    /// To the one server of `record`: callers are who they say towards it.
    init(_ upstream: HTTPUpstream, _ forwarded: HTTPForwarded) {
        self.forwarded = forwarded
        authority = upstream.authority
        origin = upstream.name
        (prefix, base, credentials) = ("/", "/", [])
    }

    /// To a target of a gateway: what proves who calls is for the gateway, and stays here (MCP, "Token Passthrough").
    init(_ target: HTTPTarget, credential: Secret?, _ forwarded: HTTPForwarded) {
        self.forwarded = forwarded
        authority = target.upstream.authority
        origin = target.upstream.name
        (prefix, base) = (target.route.path, target.base)
        var credentials = [Credential(name: "authorization", value: nil)]
        if let own = target.credential {
            let name = own.fieldName.lowercased()
            credentials.removeAll { $0.name == name }
            credentials.append(Credential(name: name, value: credential))
        }
        self.credentials = credentials
    }

    /// The request's target for the upstream; `nil`: as it came.
    func target(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> String? {
        guard prefix != base, head.targetForm != .asterisk else { return nil }
        let path = head.pathText(in: bytes)
        let rest = prefix == "/" ? path[...] : path.dropFirst(prefix.count)
        let start = base == "/" ? "" : base
        let text = bytes.extracting(head.target)
        let query = text.firstIndex(of: UInt8(ascii: "?"), from: 0).map {
            String(decoding: [UInt8](copying: text.extracting($0...)), as: UTF8.self)
        }
        let whole = start + (rest == "/" && base != "/" && prefix == "/" ? "" : rest)
        return (whole.isEmpty ? "/" : whole) + (query ?? "")
    }
}
