import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// Whom a request comes from is what the proxies say who are trusted, and nobody else.
@Suite struct HTTPWayTests {
    /// Trusts 10.0.0.0/8 and 2001:db8::/32, and believes one field.
    private static func proxy(
        _ field: Settings.Listener.Proxies.Field, peer: String = "10.0.0.1"
    ) throws
        -> ScriptedProxy
    {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"].compactMap(AddressRange.init)
        let client = try #require(SocketAddress(host: peer, port: 4711))
        return ScriptedProxy(client: client, proxies: Settings.Listener.Proxies(trusted, field))
    }

    /// What the upstream is told of the way, before the gateway's own element.
    private static func way(_ received: String) -> String? {
        guard let start = received.firstRange(of: "\r\nForwarded: ")?.upperBound,
            let end = received.firstRange(of: "for=10.0.0.1;")?.lowerBound
        else { return nil }
        return String(received[start..<end])
    }

    private static func notes(_ proxy: ScriptedProxy) -> [String] {
        proxy.others.compactMap { if case .remark(.information, let reason) = $0 { reason } else { nil } }
    }

    @Test(arguments: [
        ("203.0.113.9", "for=203.0.113.9, "), ("203.0.113.9:4711", "for=203.0.113.9, "),
        ("2001:db9::1", "for=\"[2001:db9::1]\", "), ("[2001:db9::1]", "for=\"[2001:db9::1]\", "),
        ("[2001:db9::1]:80", "for=\"[2001:db9::1]\", "), ("2001:DB9:0:0::1", "for=\"[2001:db9::1]\", "),
        // What stands further left than the first that is not trusted is the caller's own say.
        ("127.0.0.1, 203.0.113.9", "for=203.0.113.9, "), ("10.0.0.9, 203.0.113.9", "for=203.0.113.9, "),
        ("trash \"\\, 203.0.113.9", "for=203.0.113.9, "),
        ("1.1.1.1, 203.0.113.9, 10.0.0.2", "for=203.0.113.9, for=10.0.0.2, "),
        ("203.0.113.9, 2001:db8::5,10.0.0.2", "for=203.0.113.9, for=\"[2001:db8::5]\", for=10.0.0.2, "),
        ("203.0.113.9, ::ffff:10.0.0.2", "for=203.0.113.9, for=10.0.0.2, "),
        ("::ffff:203.0.113.9", "for=203.0.113.9, "),
        ("10.0.0.3, 10.0.0.2", "for=10.0.0.3, for=10.0.0.2, "),
        ("unknown", "for=unknown, "), ("_hidden, 10.0.0.2", "for=_hidden, for=10.0.0.2, "),
        ("9.9.9.9, unknown, 10.0.0.2", "for=unknown, for=10.0.0.2, "), (" , 203.0.113.9 ,, ", "for=203.0.113.9, "),
        ("203.0.113.9\r\nX-Forwarded-For: 10.0.0.2", "for=203.0.113.9, for=10.0.0.2, "),
        ("trash\r\nX-Forwarded-For: 203.0.113.9", "for=203.0.113.9, "), ("", ""), (", ,", ""),
    ])
    func `the caller is the right-most address that is no trusted proxy's`(value: String, way: String) throws {
        var proxy = try Self.proxy(.xForwardedFor)
        proxy.client(.head("GET / HTTP/1.1", "Host: a", "X-Forwarded-For: \(value)"))
        let received = proxy.received()
        #expect(Self.way(received) == way && !received.lowercased().contains("x-forwarded-for"))
        #expect(Self.notes(proxy).count == (way.isEmpty ? 0 : 1))
        #expect(!proxy.recorded.contains("without what the client says"))
    }

    @Test(arguments: [
        ("for=203.0.113.9", "for=203.0.113.9, "), ("For=203.0.113.9;proto=http;by=10.0.0.1", "for=203.0.113.9, "),
        ("for=\"203.0.113.9:80\"", "for=203.0.113.9, "), ("for=\"203.0.113.9:_p1\"", "for=203.0.113.9, "),
        ("for=\"[2001:db9::1]:80\"", "for=\"[2001:db9::1]\", "), ("for=\"\\203.0.113.9\"", "for=203.0.113.9, "),
        ("for=_hidden", "for=_hidden, "), ("for=\"_a.b-c:_d\"", "for=_a.b-c, "), ("for=Unknown", "for=unknown, "),
        ("for=127.0.0.1, for=203.0.113.9, for=10.0.0.2", "for=203.0.113.9, for=10.0.0.2, "),
        ("for=trash, for=203.0.113.9", "for=203.0.113.9, "), ("host=\"a,for=9.9.9.9\";for=1.1.1.1", "for=1.1.1.1, "),
        ("proto=https", "for=unknown, "), ("for=1.1.1.1, proto=https, for=10.0.0.2", "for=unknown, for=10.0.0.2, "),
        ("for=\"\r\nForwarded: for=203.0.113.9", "for=203.0.113.9, "), (";for=1.1.1.1;", "for=1.1.1.1, "),
        ("for=1.1.1.1 , , for=10.0.0.2", "for=1.1.1.1, for=10.0.0.2, "), ("", ""),
    ])
    func `so it is in the words of RFC 7239`(value: String, way: String) throws {
        var proxy = try Self.proxy(.forwarded)
        proxy.client(.head("GET / HTTP/1.1", "Host: a", "Forwarded: \(value)"))
        #expect(Self.way(proxy.received()) == way)
    }

    @Test(arguments: [
        "trash", "203.0.113.9 trash", "203.0.113", "203.0.113.9:", "203.0.113.9:x", "[203.0.113.9]", "[2001:db9::1",
        "[2001:db9::1]x", "[]", "_", "_ü", "unknown_", "203.0.113.9, trash", "trash, 10.0.0.2", "localhost",
        "fe80::1%lo", "\"203.0.113.9\"", "203.0.113.9:123456", "for=203.0.113.9",
        Array(repeating: "10.0.0.2", count: 33).joined(separator: ","),
    ])
    func `a proxy's word that cannot be read is refused`(value: String) throws {
        var proxy = try Self.proxy(.xForwardedFor)
        proxy.client(.head("GET / HTTP/1.1", "Host: a", "X-Forwarded-For: \(value)"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 400 Bad Request\r\n") && proxy.received() == "")
        #expect(proxy.recorded.contains("the proxy's x-forwarded-for cannot be read"))
    }

    /// What a client leaves open does not swallow what the proxy writes behind it.
    @Test(arguments: [
        "for=\", for=203.0.113.9", "for=\"a\\, for=\"203.0.113.9\"", "x=\", for=203.0.113.9;by=\"10.0.0.1\"",
        "for=203.0.113.9;for=10.0.0.2", "for=203.0.113.9:80", "for=[2001:db9::1]", "for=2001:db9::1",
        "for=\"2001:db9::1\"", "for", "for=", "for=\"\"", "=a", "for =203.0.113.9", "for= 203.0.113.9",
        "for=203.0.113.9 for=10.0.0.2", "for=\"203.0.113.9\"x", "203.0.113.9", "for=\"203.0.113.9 \"", "for=trash",
    ])
    func `so is one that RFC 7239 does not have`(value: String) throws {
        var proxy = try Self.proxy(.forwarded)
        proxy.client(.head("GET / HTTP/1.1", "Host: a", "Forwarded: \(value)"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 400 Bad Request\r\n") && proxy.received() == "")
    }

    @Test(arguments: ["11.0.0.1", "203.0.113.9", "2001:db9::1", "127.0.0.1", "::1"])
    func `nobody else is believed, whatever he says`(peer: String) throws {
        for field in Settings.Listener.Proxies.Field.allCases {
            var proxy = try Self.proxy(field, peer: peer)
            let line = field == .forwarded ? "Forwarded: for=9.9.9.9" : "X-Forwarded-For: 9.9.9.9"
            for line in [line, line + ",\""] {
                proxy.client(.head("GET / HTTP/1.1", "Host: a", line))
                let received = proxy.received()
                #expect(!received.contains("9.9.9.9") && received.contains("Forwarded: for="))
                proxy.server(.head("HTTP/1.1 204 No Content"))
            }
            #expect(Self.notes(proxy).isEmpty)
            #expect(proxy.recorded.contains("without what the client says of its way: \(line.prefix { $0 != ":" })"))
        }
    }

    @Test(arguments: [
        "Forwarded: for=9.9.9.9", "X_Forwarded_For: 9.9.9.9", "X-Real-IP: 9.9.9.9", "True-Client-IP: 9.9.9.9",
        "X-Forwarded-Host: 9.9.9.9", "Forwarded: for=\"",
    ])
    func `of a trusted proxy no other field is believed`(line: String) throws {
        var proxy = try Self.proxy(.xForwardedFor)
        proxy.client(.head("GET / HTTP/1.1", "Host: a", line, "X-Forwarded-For: 203.0.113.9"))
        #expect(Self.way(proxy.received()) == "for=203.0.113.9, ")
        #expect(proxy.recorded.contains("without what the client says of its way: \(line.prefix { $0 != ":" })"))
        proxy.server(.head("HTTP/1.1 204 No Content"))
        proxy.client(.head("GET / HTTP/1.1", "Host: a", line))
        #expect(Self.way(proxy.received()) == "")
    }

    @Test(arguments: Chunking.all)
    func `the recording says for whom the proxy speaks, and where that changes`(chunking: Chunking) throws {
        var proxy = try Self.proxy(.xForwardedFor)
        for callers in ["1.1.1.1", "1.1.1.1", "2.2.2.2, 10.0.0.2", nil, nil, "1.1.1.1"] {
            let field = callers.map { "X-Forwarded-For: \($0)\r\n" } ?? ""
            proxy.client("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n", chunking)
            proxy.server(.head("HTTP/1.1 204 No Content"), chunking)
        }
        let start = "from here on the proxy 10.0.0.1 speaks for "
        #expect(
            Self.notes(proxy) == [
                start + "1.1.1.1", start + "2.2.2.2, through 10.0.0.2", start + "nobody", start + "1.1.1.1",
            ])
    }
}
