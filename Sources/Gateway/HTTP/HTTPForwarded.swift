import Protocols
import Transport

/// What the upstream is told of whom a request came from: the gateway's own word (RFC 7239, RFC 9110 §7.6.3), in place of
/// what clients say of themselves.
struct HTTPForwarded: Sendable, Equatable {
    /// The gateway's own peer.
    let peer: ForwardedNode
    /// What does not change from request to request.
    private let own: [UInt8]
    private let scheme: [UInt8]
    private static let hostBegins = Array(";host=\"".utf8)
    /// Those whose word counts, where the peer is one of them; else `nil`.
    private let proxies: Settings.Listener.Proxies?

    init(for peer: SocketAddress, isEncrypted: Bool, proxies: Settings.Listener.Proxies? = nil) {
        self.peer = .address(peer)
        own = Array("for=\(self.peer.element)".utf8)
        scheme = Array((isEncrypted ? ";proto=https" : ";proto=http").utf8)
        self.proxies = proxies.flatMap { $0.contains(peer) ? $0 : nil }
    }

    /// Whom a request comes from beyond the peer.
    func way(of head: HTTPRequestHead, _ bytes: Span<UInt8>) throws(HTTPObjection) -> HTTPWay {
        guard let proxies else { return HTTPWay() }
        return try HTTPWay(of: head, bytes, through: proxies)
    }

    /// Whether the field has its say in that.
    func believes(_ field: HTTPField) -> Bool { field.name == proxies?.field.name }

    /// The value of Forwarded, in bytes, for it is written for each request: an element for each proxy on the way, the last
    /// one of the gateway itself.
    ///
    /// - Parameter host: what the client has sent as Host; empty: nothing.
    func value(_ way: HTTPWay = HTTPWay(), host: Span<UInt8>) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(own.count + 32 + host.count + scheme.count)
        for node in way.nodes { value.append(contentsOf: "for=\(node.element), ".utf8) }
        value += own
        if host.count > 0 {
            value += Self.hostBegins
            for index in host.indices {
                // Names that resolve have nothing that would end the quotes.
                if host[index] == UInt8(ascii: "\\") || host[index] == UInt8(ascii: "\"") {
                    value.append(UInt8(ascii: "\\"))
                }
                value.append(host[index])
            }
            value.append(UInt8(ascii: "\""))
        }
        value += scheme
        return value
    }

    /// The Via line that is added to a request of that version. The name is a pseudonym: where the gateway runs
    /// is nobody's business.
    static func via(_ version: HTTPVersion) -> HTTPHeadEncoder.Line? { version == .http10 ? via10 : via11 }

    private static let via10 = try? HTTPHeadEncoder.Line("Via", "1.0 wiretrail")
    private static let via11 = try? HTTPHeadEncoder.Line("Via", "1.1 wiretrail")
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
