import Protocols
import Testing
import Transport
import WireTestKit

@testable import Gateway

/// What the upstream is told of where a request comes from is the gateway's word alone.
@Suite struct HTTPForwardedTests {
    @Test(arguments: [
        "Forwarded: for=10.0.0.1;proto=https", "forwarded: for=_hidden", "X-Forwarded-For: 10.0.0.1",
        "x-forwarded-for: a, b", "X-FORWARDED-FOR: 10.0.0.1", "X_Forwarded_For: 10.0.0.1", "X-Forwarded_For: 10.0.0.1",
        "X-Forwarded-Host: bank.example", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443",
        "X-Forwarded-Server: inner", "X-Forwarded-Prefix: /admin", "X-Forwarded-Ssl: on", "X-Forwarded-Scheme: https",
        "X-Forwarded-User: root", "X-Forwarded: for=1", "X-Real-IP: 127.0.0.1", "X_REAL_IP: 127.0.0.1",
        "X-Client-IP: 127.0.0.1", "X-Cluster-Client-IP: 127.0.0.1", "True-Client-IP: 127.0.0.1",
        "CF-Connecting-IP: 127.0.0.1", "Fastly-Client-IP: 127.0.0.1", "Client-IP: 127.0.0.1", "X-Host: bank.example",
        "X-Original-Host: bank.example", "Front-End-Https: on", "WL-Proxy-Client-IP: 127.0.0.1", "Proxy: http://evil",
        "X-Scheme: https", "X-ProxyUser-Ip: 127.0.0.1", "X-Original-Forwarded-For: 127.0.0.1",
    ])
    func `what a client says of its way does not reach the upstream, and the recording says so`(line: String) {
        var proxy = ScriptedProxy()
        proxy.client(.head("GET / HTTP/1.1", "Host: a", line, "X-Kept: 1", line))
        #expect(
            proxy.received()
                == .head(
                    "GET / HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), "X-Kept: 1", ScriptedProxy.via)
        )
        let name = line.prefix { $0 != ":" }
        let reasons = proxy.entries.compactMap { if case .note(let note) = $0 { note.reason } else { nil } }
        #expect(
            reasons == ["the head for the upstream, without what the client says of its way: \(name), \(name)"])
    }

    @Test(arguments: [
        "X-Forward: 1", "X-Request-ID: 1", "X-Hosted: a", "Proxying: b", "Client: c", "From: me@example.com", "X: 1",
    ])
    func `other fields pass`(line: String) {
        var proxy = ScriptedProxy()
        proxy.client(.head("GET / HTTP/1.1", "Host: a", line))
        #expect(proxy.received().contains("\r\n\(line)\r\n"))
    }

    @Test func `Via lists every hop, the gateway last`() {
        var proxy = ScriptedProxy()
        proxy.client(.head("GET / HTTP/1.1", "Host: a", "Via: 1.0 fred, 1.1 squid"))
        #expect(proxy.received().contains("\r\nVia: 1.0 fred, 1.1 squid\r\nVia: 1.1 wiretrail\r\n"))
    }

    @Test(arguments: [
        (SocketAddress.ipv4(0xC000_0201, port: 5), "for=192.0.2.1;proto=http"),
        (.ipv6(0x2001_0db8_0000_0000_0000_0000_0000_0001, port: 5, scope: 0), "for=\"[2001:db8::1]\";proto=http"),
        (.ipv6(0xfe80 << 112 | 1, port: 5, scope: 2), "for=\"[fe80::1]\";proto=http"),
        (.unix(path: ""), "for=unknown;proto=http"),
    ])
    func `addresses are written as RFC 7239 has them`(client: SocketAddress, element: String) {
        #expect(HTTPForwarded(for: client, isEncrypted: false).value(host: Span()) == Array(element.utf8))
    }

    @Test func `a name cannot end the element that quotes it`() {
        let forwarded = HTTPForwarded(for: .loopback(port: 1), isEncrypted: true)
        let host = Array(#"a";for=10.0.0.1;x="\"#.utf8)
        #expect(
            forwarded.value(host: host.span)
                == Array(#"for=127.0.0.1;host="a\";for=10.0.0.1;x=\"\\";proto=https"#.utf8))
    }
}
