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

    /// The upstream's Host line.
    let host: HTTPHeadEncoder.Line?
    /// The upstream's own origin (RFC 6454 §6.2).
    let origin: String
    /// What of callers' paths the upstream does not see, and what takes its place; "/" for nothing.
    let prefix: String
    let base: String
    /// Empty where callers' own credentials pass.
    let credentials: [Credential]
    /// Who the requests come from, as the upstream is told.
    let forwarded: HTTPForwarded
    let querySecrets: QuerySecrets

    /// To the one server of `record`: callers are who they say towards it.
    init(_ upstream: HTTPUpstream, _ forwarded: HTTPForwarded, _ querySecrets: QuerySecrets = QuerySecrets()) {
        self.querySecrets = querySecrets
        self.forwarded = forwarded
        host = try? HTTPHeadEncoder.Line("Host", upstream.authority)
        origin = upstream.name
        (prefix, base, credentials) = ("/", "/", [])
    }

    /// To a target of a gateway: what proves who calls is for the gateway, and stays here (MCP, "Token Passthrough").
    init(
        _ target: HTTPTarget, credential: Secret?, _ forwarded: HTTPForwarded,
        _ querySecrets: QuerySecrets = QuerySecrets()
    ) {
        self.querySecrets = querySecrets
        self.forwarded = forwarded
        host = try? HTTPHeadEncoder.Line("Host", target.upstream.authority)
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

    /// Whether paths are others on the gateway than on the server.
    var isMapped: Bool { prefix != base }

    /// What a server calls a place of its own, as clients find it here: a path, which they take for one of the address that
    /// they have called (RFC 9110 §10.2.2). `nil`: as it came, since it lies elsewhere or is called the same here.
    func reference(fromServer text: String) -> String? {
        var path = text
        if text.count >= origin.count, text.prefix(origin.count).lowercased() == origin.lowercased() {
            path = String(text.dropFirst(origin.count))
            if path.isEmpty || "?#".contains(path.prefix(1)) { path = "/" + path }
        } else if !isMapped {
            return nil
        }
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
        guard isMapped else { return path }
        let rest = base == "/" ? path[...] : path.dropFirst(base.count)
        guard base == "/" || path.hasPrefix(base) && (rest.isEmpty || "/?#".contains(rest.prefix(1))) else {
            return nil
        }
        let mapped = (prefix == "/" ? "" : prefix) + (rest == "/" && prefix != "/" ? "" : rest)
        // Two slashes would name another host (RFC 3986 §4.2).
        if mapped.hasPrefix("//") { return nil }
        return mapped.hasPrefix("/") ? mapped : "/" + mapped
    }

    /// What clients get in place of a response's field that names a place of the server; `nil`: the field as it came.
    func value(inPlaceOf field: HTTPField, _ bytes: Span<UInt8>) -> String? {
        switch field.name {
        case .location:
            reference(
                fromServer: String(decoding: [UInt8](copying: bytes.extracting(field.valueRange)), as: UTF8.self))
        case .setCookie: cookie(in: field, bytes)
        default: nil
        }
    }
}
