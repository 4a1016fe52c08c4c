import Protocols
import Synchronization
import Testing
import WireTestKit

@testable import Gateway

/// Tools that a caller may not use are shown in no stream that a list could come by.
@Suite struct HiddenToolsTests {
    private static func proxy(
        _ pins: SessionPins = SessionPins(), _ streams: SessionStreams = SessionStreams(),
        callers: (any HTTPCallers)? = nil
    ) -> ScriptedProxy {
        var rule = Rule("deletes", .deny)
        var pattern = RequestPattern()
        pattern.tools = ["delete_*"]
        rule.requests = pattern
        let book = RuleBook(RuleSet([rule])) { 0 }
        return ScriptedProxy(
            callers: callers,
            judge: RequestJudge(book, pins, HeldCalls(), streams, target: "files", bodyLimit: 10_000))
    }

    private static func list(_ names: String...) -> String {
        let tools = names.map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
        return #"{"jsonrpc":"2.0","id":1,"result":{"tools":[\#(tools)]}}"#
    }

    private static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    /// The content of chunks.
    private static func content(_ answer: String) -> String {
        String(decoding: readContent(of: answer, to: get()), as: UTF8.self)
    }

    private static func get(_ fields: String = "Last-Event-ID: 4\r\n", path: String = "/mcp") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n\(fields)\r\n"
    }

    private static let head = String.head(
        "HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked")

    @Test(arguments: Chunking.all)
    func `a list that a resumed stream says again`(chunking: Chunking) {
        var proxy = Self.proxy()
        proxy.client(Self.get(), chunking)
        #expect(!proxy.received().contains("Accept-Encoding"))
        let before =
            "id: 5\r\nevent: message\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\r\n\r\n: ping\r\n\r\n"
        let listed = "id: 6\r\ndata: \(Self.list("read", "delete_all"))\r\n\r\n"
        proxy.server(Self.head + Self.chunk(before) + Self.chunk(listed), chunking)
        proxy.server("0\r\n\r\n", chunking)
        let answer = proxy.answered()
        let content = Self.content(answer)
        #expect(content.hasPrefix("id: 5\r\nevent: message\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}"))
        #expect(content.contains(": ping") && content.contains("id: 6") && content.contains(Self.list("read")))
        #expect(!content.contains("delete"))
        #expect(proxy.core.policy.isAtRest && proxy.core.policy.isUpstreamReusable && proxy.end == nil)
    }

    @Test func `an event passes as soon as it is whole, and a comment too`() {
        var proxy = Self.proxy()
        proxy.client(Self.get(""))
        proxy.server(Self.head + Self.chunk(": ping\n\ndata: {"))
        #expect(Self.content(proxy.answered()) == ": ping\n\n")
        proxy.server(Self.chunk("\"a\":1}\n\n"))
        #expect(proxy.answered() == Self.chunk("data: {\"a\":1}\n\n"))
    }

    @Test(arguments: Chunking.all)
    func `a list in the stream that answers the request for it, and in one until the end`(chunking: Chunking) {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#
        for framing in ["Transfer-Encoding: chunked", "Connection: close"] {
            var proxy = Self.proxy()
            proxy.client("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)", chunking)
            let event = "data: \(Self.list("delete_all", "read"))\n\n"
            let content = framing == "Connection: close" ? event : Self.chunk(event) + "0\r\n\r\n"
            proxy.server(.head("HTTP/1.1 200 OK", "Content-Type: text/event-stream", framing) + content, chunking)
            let answer = proxy.answered()
            #expect(answer.contains(Self.list("read")) && !answer.contains("delete"), "\(answer)")
        }
    }

    @Test func `what looks like JSON and cannot be read does not pass, nor what is compressed`() {
        var proxy = Self.proxy()
        proxy.client(Self.get())
        proxy.server(
            Self.head + Self.chunk("data: {\"result\":{\"tools\":[{\"name\":\"delete_x\"}\n\n")
                + Self.chunk("data: 1\n\n"))
        #expect(Self.content(proxy.answered()) == ": withheld\n\ndata: 1\n\n")
        proxy = Self.proxy()
        proxy.client(Self.get())
        proxy.server(
            .head(
                "HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Content-Encoding: gzip",
                "Transfer-Encoding: chunked")
                + Self.chunk("delete"))
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 502 ") && !answer.contains("delete"))
    }

    @Test(arguments: Chunking.all)
    func `the stream of revision 2024-11-05, whose session is its caller's`(chunking: Chunking) {
        let pins = SessionPins()
        var alice = Self.proxy(pins, callers: NamedCallers())
        alice.client(Self.get("Authorization: alice\r\n", path: "/sse"), chunking)
        let endpoint = "event: endpoint\r\ndata: /messages/?session_id=1f2e\r\n\r\n"
        alice.server(Self.head + Self.chunk(endpoint), chunking)
        let first = alice.answered()
        alice.server(Self.chunk("event: message\r\ndata: \(Self.list("delete_all", "read"))\r\n\r\n"), chunking)
        let content = Self.content(first + alice.answered())
        #expect(content.hasPrefix("event: endpoint\r\ndata: /messages/?session_id=1f2e"))
        #expect(content.contains(Self.list("read")) && !content.contains("delete"))
        let ping = #"{"jsonrpc":"2.0","id":2,"method":"ping"}"#
        func post(_ name: String, _ key: String = "session_id=1f2e") -> String {
            "POST /messages/?\(key) HTTP/1.1\r\nHost: a\r\nAuthorization: \(name)\r\n"
                + "Content-Length: \(ping.utf8.count)\r\n\r\n\(ping)"
        }
        var other = Self.proxy(pins, callers: NamedCallers())
        for key in ["session_id=1f2e", "a=b&session_id=1f2e", "sessionId=1f2e"] {
            other.client(post("bob", key), chunking)
            #expect(other.received() == "")
            #expect(other.answered().hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
        other.client(post("alice"), chunking)
        #expect(other.received().hasPrefix("POST /messages/?session_id=1f2e "))
    }

    @Test func `a refusal comes by the stream of revision 2024-11-05, where its client reads`() {
        let (pins, streams) = (SessionPins(), SessionStreams())
        let said = Mutex<[UInt8]>([])
        var stream = Self.proxy(pins, streams)
        stream.core.policy.judge?.say = { words in said.withLock { $0 += words } }
        stream.client(Self.get("", path: "/sse"))
        stream.server(Self.head + Self.chunk("event: endpoint\r\ndata: /messages/?session_id=1f2e\r\n\r\n"))
        _ = stream.answered()
        func refused() -> String {
            var proxy = Self.proxy(pins, streams)
            let body = #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_all"}}"#
            proxy.client(
                "POST /messages/?session_id=1f2e HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(proxy.received() == "")
            return proxy.answered()
        }
        #expect(refused().hasPrefix("HTTP/1.1 202 Accepted\r\n"))
        stream.insert(said.withLock { $0 })
        let event = Self.content(Self.head + stream.answered())
        #expect(event.hasPrefix("event: message\ndata: {\"id\":7,") && event.contains(#""isError":true"#))
        stream.server(Self.chunk("data: 1\n\n") + "0\r\n\r\n")
        #expect(stream.answered() == Self.chunk("data: 1\n\n") + "0\r\n\r\n")
        #expect(streams.count == 0)
        #expect(refused().contains(#""isError":true"#))
    }

    @Test func `a query of that name at another server is nobody's session`() {
        var proxy = Self.proxy()
        proxy.client(.head("GET /report?session_id=spring HTTP/1.1", "Host: a"))
        #expect(proxy.received().hasPrefix("GET /report?session_id=spring "))
    }
}

/// Whoever a request names.
private struct NamedCallers: HTTPCallers {
    mutating func caller(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> HTTPCaller {
        .known(Identity(subject: head.fields.value(.authorization, in: bytes) ?? "nobody", method: "test"))
    }

    mutating func found(_ result: Result<Identity, IdentityRefusal>) {}
}
