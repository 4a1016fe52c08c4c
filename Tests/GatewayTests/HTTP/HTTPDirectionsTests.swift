import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// A connection's recording is of one target, and so are its requests (RFC 9110 §15.5.20).
@Suite struct HTTPDirectionsTests {
    private static func target(_ name: String, path: String = "/", hosts: [String] = []) -> HTTPTarget {
        var target = HTTPTarget(name, HTTPUpstream(host: "127.0.0.1", port: 9000))
        target.route.path = path
        target.route.hosts = hosts
        return target
    }

    private static let files = target("files", path: "/files")
    private static let targets = [
        files, target("vault", path: "/vault"), target("bank", hosts: ["bank.example"]),
        target("shop", hosts: ["shop.example", "www.shop.example"]),
    ]

    private static func proxy(to target: HTTPTarget) -> ScriptedProxy {
        var proxy = ScriptedProxy()
        proxy.core.policy.directions = HTTPDirections(
            targets, hosts: ["localhost", "[::1]"], origins: [], isEncrypted: false
        ).staying(at: target)
        return proxy
    }

    private static let ok = String.head("HTTP/1.1 200 OK", "Content-Length: 0")

    @Test(arguments: [
        ("GET /vault HTTP/1.1", "localhost"), ("GET /vault/x HTTP/1.1", "localhost:8080"),
        ("GET /x HTTP/1.1", "bank.example"), ("GET http://bank.example/x HTTP/1.1", "bank.example"),
        ("GET /x HTTP/1.1", "BANK.example:443"), ("OPTIONS * HTTP/1.1", "bank.example"),
        ("GET /.well-known/oauth-protected-resource/vault HTTP/1.1", "localhost"),
    ])
    func `a request to another target is misdirected, and the connection goes on`(line: String, host: String) {
        var proxy = Self.proxy(to: Self.files)
        proxy.client(.head("GET /files/a HTTP/1.1", "Host: localhost"))
        proxy.server(Self.ok)
        _ = (proxy.received(), proxy.answered())
        proxy.client(.head(line, "Host: \(host)"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
        #expect(proxy.received() == "")
        proxy.client(.head("GET /files/b HTTP/1.1", "Host: [::1]:8080"))
        #expect(proxy.received().hasPrefix("GET /files/b HTTP/1.1\r\n"))
        #expect(proxy.end == nil)
    }

    @Test func `all names and paths of one target go on one connection`() {
        var proxy = Self.proxy(to: Self.targets[3])
        for (path, host) in [("/a", "shop.example"), ("/b", "www.shop.example"), ("/b/c", "Shop.Example:8443")] {
            proxy.client(.head("GET \(path) HTTP/1.1", "Host: \(host)"))
            #expect(proxy.received().hasPrefix("GET \(path) "))
            proxy.server(Self.ok)
            #expect(proxy.answered() == Self.ok)
        }
    }

    @Test(arguments: ["evil.example", "localhost.evil.example", "[::2]", "bank.example.evil", "127.0.0.1"])
    func `a name that nobody gave this address is misdirected, too`(host: String) {
        var proxy = Self.proxy(to: Self.files)
        proxy.client(.head("GET /files/a HTTP/1.1", "Host: \(host)"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
        #expect(proxy.received() == "")
    }
}
