import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// What a server calls itself leads clients through the gateway.
@Suite struct ServerAddressTests {
    private static func target(_ path: String, _ base: String) -> HTTPTarget {
        var target = HTTPTarget("files", HTTPUpstream(host: "127.0.0.1", port: 9000))
        target.route.path = path
        target.base = base
        return target
    }

    private static func located(_ location: String, _ target: HTTPTarget?) -> String {
        var proxy = ScriptedProxy(target: target)
        proxy.client(.head("GET \(target?.route.path ?? "/") HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 302 Found", "Location: \(location)", "X: y", "Content-Length: 0"))
        let lines = proxy.answered().split(separator: "\r\n")
        #expect(lines.contains("X: y"))
        return String(lines.first { $0.hasPrefix("Location: ") }?.dropFirst(10) ?? "")
    }

    @Test(arguments: [
        ("http://127.0.0.1:9000/x?y#z", "/x?y#z"), ("http://127.0.0.1:9000", "/"), ("HTTP://127.0.0.1:9000/", "/"),
        ("http://127.0.0.1:9000?a", "/?a"), ("/x", "/x"), ("x/y", "x/y"),
        ("http://127.0.0.1:90001/x", "http://127.0.0.1:90001/x"),
        ("https://127.0.0.1:9000/x", "https://127.0.0.1:9000/x"), ("http://other.example/", "http://other.example/"),
        ("//127.0.0.1:9000/x", "//127.0.0.1:9000/x"),
        ("http://127.0.0.1:9000//evil.example", "http://127.0.0.1:9000//evil.example"),
        ("http://127.0.0.1:9000@evil.example/", "http://127.0.0.1:9000@evil.example/"),
    ])
    func `an address of the server becomes a path of the gateway`(location: String, expected: String) {
        #expect(Self.located(location, nil) == expected)
    }

    @Test(arguments: [
        ("/files", "/mcp", "/mcp/x", "/files/x"), ("/files", "/mcp", "http://127.0.0.1:9000/mcp?a", "/files?a"),
        ("/files", "/mcp", "/mcp", "/files"), ("/files", "/mcp", "/other", "/other"),
        ("/files", "/mcp", "/mcpx", "/mcpx"),
        ("/files", "/mcp", "http://127.0.0.1:9000/other", "http://127.0.0.1:9000/other"),
        ("/vault", "/", "/x", "/vault/x"), ("/vault", "/", "/", "/vault"), ("/", "/mcp", "/mcp/x", "/x"),
        ("/", "/mcp", "/mcp", "/"), ("/", "/mcp", "/mcp//evil.example", "/mcp//evil.example"),
        ("/same", "/same", "/same/x", "/same/x"),
    ])
    func `a path that is another one here is written as it is here`(
        path: String, base: String, location: String, expected: String
    ) {
        #expect(Self.located(location, Self.target(path, base)) == expected)
    }

    /// - Parameter paths: where the target is here and there, and the cookie's Path there and here.
    @Test(arguments: [
        ("/files", "/mcp", "/mcp", "/files"), ("/files", "/mcp", "/mcp/", "/files/"),
        ("/files", "/mcp", "/mcp/x", "/files/x"), ("/files", "/mcp", "/", "/files"),
        ("/files", "/mcp", "/other", "/other"), ("/files", "/mcp", "/mcpx", "/mcpx"), ("/files", "/mcp", "/mc", "/mc"),
        ("/files", "/a/b", "/a", "/files"), ("/files", "/a/b", "/a/", "/files"), ("/files", "/a/b", "/a/b/", "/files/"),
        ("/vault", "/", "/", "/vault"), ("/vault", "/", "/x", "/vault/x"), ("/", "/mcp", "/", "/"),
        ("/", "/mcp", "/mcp", "/"), ("/", "/mcp", "/mcp/x", "/x"), ("/same", "/same", "/same/x", "/same/x"),
        ("/same", "/same", "/", "/same"), ("/", "/", "/x", "/x"), ("/", "/", "/", "/"),
    ])
    func `a cookie counts here for what it counts for there, and for no other target`(
        paths: (path: String, base: String, sent: String, expected: String)
    ) {
        for line in ["s=secret; Path=%", "s=secret;Secure; path = %\t; HttpOnly", "s=secret;PATH=/y;Path=%;Domain=b"] {
            var proxy = ScriptedProxy(target: Self.target(paths.path, paths.base))
            proxy.client(.head("GET \(paths.path) HTTP/1.1", "Host: a"))
            let cookie = line.replacing("%", with: paths.sent)
            proxy.server(.head("HTTP/1.1 200 OK", "set-cookie: \(cookie)", "Set-Cookie: t=secret", "Content-Length: 0"))
            let expected = line.replacing("%", with: paths.expected)
            #expect(
                proxy.answered()
                    == .head("HTTP/1.1 200 OK", "set-cookie: \(expected)", "Set-Cookie: t=secret", "Content-Length: 0"))
            #expect(!proxy.recorded.contains("secret") && proxy.recorded.contains("set-cookie: ***"))
        }
    }

    @Test(arguments: [
        "s=1", "s=1; Path=", "s=1; Path", "s=1; Path=x", "s=1; Path=\"/\"", "s=1; Path=/; Path=", "__Host-s=1; Path=/",
        "__HOST-s=1; Secure; Path=/", "s=Path=/", "Path=/", ";;=;", "", "s=\u{e9}; Domain=/; Pathx=/",
    ])
    func `a cookie without a path of its own passes as it came`(cookie: String) {
        var proxy = ScriptedProxy(target: Self.target("/files", "/mcp"))
        proxy.client(.head("GET /files HTTP/1.1", "Host: a"))
        let answer = String.head("HTTP/1.1 200 OK", "Set-Cookie: \(cookie)", "Content-Length: 0")
        proxy.server(answer)
        #expect(proxy.answered() == answer)
    }

    @Test(arguments: Chunking.all)
    func `a stream of revision 2024-11-05 names a path that leads back`(chunking: Chunking) {
        var proxy = ScriptedProxy(target: Self.target("/files", "/"))
        proxy.client(.head("GET /files/sse HTTP/1.1", "Host: a", "Accept: text/event-stream"), chunking)
        let event = "event: endpoint\r\ndata: /messages/?session_id=1f2e\r\n\r\n"
        let head = String.head("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked")
        proxy.server(head + "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n", chunking)
        #expect(proxy.answered().contains("event: endpoint\ndata: /files/messages/?session_id=1f2e\n\n"))
        #expect(proxy.core.policy.session == "1f2e")
    }
}
