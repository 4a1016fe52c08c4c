import Protocols
import Testing
import WireTestKit

@testable import Gateway

@Suite struct HTTPForwardingTests {
    private var proxy = ScriptedProxy()
    private static let get = String.head("GET /a?b=c HTTP/1.1", "Host: localhost:8080", "Accept: */*")
    private static let ok = String.head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi"

    @Test(arguments: Chunking.all)
    mutating func `a request reaches the upstream under its own name, and the answer comes back as it is`(
        chunking: Chunking
    ) {
        for _ in 0..<3 {
            proxy.client(Self.get, chunking)
            #expect(
                proxy.received()
                    == .head(
                        "GET /a?b=c HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(host: "localhost:8080"),
                        "Accept: */*", ScriptedProxy.via))
            proxy.server(Self.ok, chunking)
            #expect(proxy.answered() == Self.ok)
        }
        #expect(proxy.reachCount == 1)
        #expect(proxy.core.policy.isAtRest)
        #expect(proxy.core.policy.isUpstreamReusable)
    }

    @Test(arguments: Chunking.all)
    mutating func `bodies pass in pieces, both ways`(chunking: Chunking) {
        let post = String.head("POST /p HTTP/1.1", "Host: a", "Content-Length: 11") + "hello world"
        proxy.client(post, chunking)
        #expect(
            proxy.received() == .head(
                "POST /p HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), "Content-Length: 11",
                ScriptedProxy.via) + "hello world")
        proxy.server(Self.ok, chunking)
        #expect(proxy.answered() == Self.ok)
    }

    @Test(arguments: Chunking.all)
    mutating func `chunks lose their extensions and keep their data and trailers`(chunking: Chunking) {
        let head = String.head("PUT /c HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
        proxy.client(head + "5;x=\"y\"\r\nhello\r\n003\r\n!!!\r\n0\r\nX-Sum: 1\r\n\r\n", chunking)
        let new = String.head(
            "PUT /c HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), ScriptedProxy.via,
            "Transfer-Encoding: chunked")
        #expect(proxy.received() == new + "5\r\nhello\r\n3\r\n!!!\r\n0\r\nX-Sum: 1\r\n\r\n")
        let response = String.head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "A\r\n0123456789\r\n0\r\n\r\n"
        proxy.server(response, chunking)
        #expect(proxy.answered() == response)
        #expect(proxy.core.policy.isAtRest)
    }

    @Test mutating func `what concerns one connection stays on it`() {
        proxy.client(
            .head(
                "GET / HTTP/1.1", "Host: a", "Connection: keep-alive, X-Mine, Authorization", "Keep-Alive: timeout=5",
                "X-Mine: 1", "X-Yours: 2", "Proxy-Connection: keep-alive", "TE: trailers", "Upgrade: h2c",
                "Authorization: Basic c2VjcmV0", "Proxy-Authorization: Basic Zm9v"))
        #expect(
            proxy.received()
                == .head(
                    "GET / HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), "X-Yours: 2",
                    "Authorization: Basic c2VjcmV0", ScriptedProxy.via))
        proxy.server(
            .head(
                "HTTP/1.1 200 OK", "Connection: X-Mine", "X-Mine: 1", "Keep-Alive: timeout=5", "Content-Length: 0"))
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 0"))
    }

    @Test mutating func `a target in absolute form reaches the upstream in origin form`() {
        proxy.client(.head("GET http://a/x?y HTTP/1.1", "Host: a"))
        #expect(
            proxy.received()
                == .head("GET /x?y HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), ScriptedProxy.via))
    }

    @Test mutating func `a response to HEAD, 204 and 304 have no content`() {
        proxy.client(.head("HEAD / HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 1000"))
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 304 Not Modified", "Content-Length: 1000"))
        proxy.client(.head("DELETE / HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 204 No Content"))
        #expect(proxy.core.policy.isAtRest)
        #expect(proxy.end == nil)
    }

    @Test mutating func `a pipelined request waits for the response before it`() {
        proxy.client(Self.get + Self.get)
        #expect(proxy.received().split(separator: "GET").count == 1)
        proxy.server(Self.ok)
        #expect(proxy.received().split(separator: "GET").count == 1)
        proxy.server(Self.ok)
        #expect(proxy.answered() == Self.ok + Self.ok)
    }

    @Test mutating func `interim responses pass before the final one`() {
        proxy.client(.head("PUT / HTTP/1.1", "Host: a", "Content-Length: 3", "Expect: 100-continue"))
        #expect(proxy.received().contains("Expect: 100-continue"))
        proxy.server(.head("HTTP/1.1 100 Continue"))
        #expect(proxy.answered() == .head("HTTP/1.1 100 Continue"))
        proxy.client("abc")
        #expect(proxy.received() == "abc")
        proxy.server(.head("HTTP/1.1 103 Early Hints", "Link: </a>") + Self.ok)
        #expect(proxy.answered() == .head("HTTP/1.1 103 Early Hints", "Link: </a>") + Self.ok)
    }

    @Test mutating func `HTTP 1.0 gets no chunks and no interim response`() {
        proxy.client(.head("GET / HTTP/1.0"))
        #expect(
            proxy.received()
                == .head(
                    "GET / HTTP/1.1", "Host: 127.0.0.1:9000", "Forwarded: for=127.0.0.1;proto=https",
                    "Via: 1.0 wiretrail"))
        proxy.server(.head("HTTP/1.1 100 Continue"))
        proxy.server(
            .head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n")
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Connection: close") + "abcde")
        #expect(proxy.end == "no further request is read")
    }

    @Test mutating func `a page's own origin is the upstream's own`() {
        proxy.client(
            .head("POST / HTTP/1.1", "Host: localhost:8080", "Origin: http://localhost:8080", "Content-Length: 0"))
        #expect(proxy.received().contains("Origin: http://127.0.0.1:9000\r\n"))
    }

    @Test mutating func `a WebSocket passes both ways once the upstream has agreed`() {
        let upgrade = ["Connection: Upgrade", "Upgrade: websocket"]
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        proxy.client(.head("GET /ws HTTP/1.1", "Host: a", upgrade[0], upgrade[1], key, "Sec-WebSocket-Version: 13"))
        #expect(
            proxy.received()
                == .head(
                    "GET /ws HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), key,
                    "Sec-WebSocket-Version: 13", ScriptedProxy.via, upgrade[0], upgrade[1]
                ))
        let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        proxy.server(.head("HTTP/1.1 101 Switching Protocols", upgrade[0], upgrade[1], accept) + "\u{1}\u{2}hi")
        #expect(proxy.answered().hasSuffix("\r\n\r\n\u{1}\u{2}hi"))
        #expect(!proxy.core.policy.isAtRest)
        proxy.upstreamLeaves()
        #expect(proxy.end == "the upstream closed the WebSocket")
    }

    @Test(arguments: [("CONNECT a:1 HTTP/1.1", "a:1"), ("TRACE / HTTP/1.1", "a")])
    mutating func `what would make a proxy of it is refused`(line: String, host: String) {
        proxy.client(.head(line, "Host: \(host)"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(proxy.received() == "")
    }
}
