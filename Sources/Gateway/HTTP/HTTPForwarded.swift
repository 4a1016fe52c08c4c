import Protocols
import Transport

/// What the upstream is told of whom a request came from: the gateway's own word (RFC 7239, RFC 9110 §7.6.3), in place of
/// what clients say of themselves.
struct HTTPForwarded: Sendable, Equatable {
    /// The gateway's own peer.
    let peer: ForwardedNode
    private let scheme: String
    /// Those whose word counts, where the peer is one of them; else `nil`.
    private let proxies: Settings.Listener.Proxies?

    init(for peer: SocketAddress, isEncrypted: Bool, proxies: Settings.Listener.Proxies? = nil) {
        self.peer = .address(peer)
        scheme = isEncrypted ? "https" : "http"
        self.proxies = proxies.flatMap { $0.contains(peer) ? $0 : nil }
    }

    /// Whom a request comes from beyond the peer.
    func way(of head: HTTPRequestHead, _ bytes: Span<UInt8>) throws(HTTPObjection) -> HTTPWay {
        guard let proxies else { return HTTPWay() }
        return try HTTPWay(of: head, bytes, through: proxies)
    }

    /// Whether the field has its say in that.
    func believes(_ field: HTTPField) -> Bool { field.name == proxies?.field.name }

    /// The value of Forwarded: an element for each proxy on the way, the last one of the gateway itself.
    ///
    /// - Parameter host: what the client has sent as Host; `nil` or empty: nothing.
    func value(_ way: HTTPWay = HTTPWay(), host: String?) -> String {
        let before = way.nodes.reduce(into: "") { $0 += "for=\($1.element), " }
        guard let host, !host.isEmpty else { return "\(before)for=\(peer.element);proto=\(scheme)" }
        return "\(before)for=\(peer.element);host=\"\(Self.quoted(host))\";proto=\(scheme)"
    }

    /// Names that resolve have nothing that would end the quotes.
    private static func quoted(_ host: String) -> String {
        guard host.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }) else { return host }
        return host.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// The value of the Via line that is added to a request of that version. The name is a pseudonym: where the gateway runs
    /// is nobody's business.
    static func via(_ version: HTTPVersion) -> String { version == .http10 ? "1.0 wiretrail" : "1.1 wiretrail" }
}

extension HTTPField {
    /// Names by which servers take somebody's word for where a request comes from and what it was before; beside those
    /// that begin with `x-forwarded`. `proxy` becomes HTTP_PROXY in a CGI program (CVE-2016-5385).
    private static let claims = [
        "x-client-ip", "x-cluster-client-ip", "x-real-host", "x-original-host", "x-original-forwarded-for", "x-host",
        "x-proxyuser-ip", "x-url-scheme", "x-scheme", "true-client-ip", "client-ip", "cf-connecting-ip",
        "fastly-client-ip", "fly-client-ip", "forwarded-for", "proxy-client-ip", "wl-proxy-client-ip",
        "front-end-https",
        "proxy",
    ]

    /// Whether the field says who has forwarded the request, for whom and how.
    func claimsOrigin(in bytes: Span<UInt8>) -> Bool {
        switch name {
        case .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedProto, .xRealIP: return true
        case .other: break
        default: return false
        }
        let name = bytes.extracting(nameRange)
        switch name[0] | 0x20 {
        case UInt8(ascii: "x"), UInt8(ascii: "c"), UInt8(ascii: "f"), UInt8(ascii: "p"), UInt8(ascii: "t"),
            UInt8(ascii: "w"):
            break
        default: return false
        }
        if name.count >= 11, name.extracting(..<11).isFolded("x-forwarded") { return true }
        if name.isFolded("x-real-ip") || name.isFolded("forwarded") { return true }
        return Self.claims.contains { name.isFolded($0) }
    }
}

extension Span<UInt8> {
    /// Case-insensitively, with `_` for `-`: WSGI, CGI and PHP make one variable of both.
    fileprivate func isFolded(_ name: String) -> Bool {
        guard count == name.utf8.count else { return false }
        var index = 0
        for wanted in name.utf8 {
            let byte = self[index]
            guard byte == wanted || byte | 0x20 == wanted || wanted == UInt8(ascii: "-") && byte == UInt8(ascii: "_")
            else { return false }
            index += 1
        }
        return true
    }
}
