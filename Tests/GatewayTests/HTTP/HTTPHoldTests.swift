import Protocols
import Synchronization
import Testing
import WireTestKit

@testable import Gateway

/// A call that waits for a person's answer keeps its client by an event stream, which the answer goes on in.
@Suite struct HTTPHoldTests {
    private static let body =
        #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay","_meta":{"progressToken":"t1"}}}"#
    private static let result = #"{"jsonrpc":"2.0","id":7,"result":{"content":[]}}"#
    private static let question = Question(
        id: 1, rule: "payments", title: "the tool pay: {}", patience: Rule("payments", .ask).patience)

    private static func post(_ body: String = body, accept: String = "application/json, text/event-stream") -> String {
        "POST /mcp HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\nAccept-Encoding: gzip\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func proxy(
        _ pins: SessionPins = SessionPins(), _ held: HeldCalls = HeldCalls(),
        _ streams: SessionStreams = SessionStreams()
    ) -> ScriptedProxy {
        var rule = Rule("payments", .ask)
        var pattern = RequestPattern()
        pattern.tools = ["pay"]
        rule.requests = pattern
        let book = RuleBook(RuleSet([rule])) { 0 }
        return ScriptedProxy(
            judge: RequestJudge(book, pins, held, streams, target: "files", bodyLimit: 10_000))
    }

    /// One that has been asked, and whose client has read the beginning.
    private static func holding(_ request: String = post(), _ chunking: Chunking = .whole) -> ScriptedProxy {
        var proxy = proxy()
        proxy.client(request, chunking)
        proxy.asked(question, number: 12)
        return proxy
    }

    /// What an event stream says, read as a client reads it: events' data and comments.
    private static func events(_ answer: String) -> [String] {
        var items: [String] = []
        var events = SSEDecoder(limit: 100_000)
        events.read(readContent(of: answer, to: post(), body).span) { item in
            switch item {
            case .event(let event): items.append(String(decoding: event.data, as: UTF8.self))
            case .comment(let text): items.append(":" + text)
            case .retry: break
            }
        }
        return items
    }

    private static func progress(_ step: String) -> String {
        #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"waiting for an answer to question 12, "#
            + #"which rule payments asks: the tool pay: {}","progress":\#(step),"progressToken":"t1"}}"#
    }

    @Test(arguments: Chunking.all)
    func `the client hears of the question at once, and again`(chunking: Chunking) {
        var proxy = Self.holding(Self.post(), chunking)
        let opening = proxy.answered()
        #expect(opening.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
        #expect(Self.events(opening) == [": waiting", Self.progress("1e-06")])
        proxy.remind()
        proxy.remind()
        #expect(
            Self.events(opening + proxy.answered()) == [
                ": waiting", Self.progress("1e-06"), ": waiting", Self.progress("2e-06"), ": waiting",
                Self.progress("3e-06"),
            ])
        #expect(proxy.received() == "")
    }

    @Test(arguments: Chunking.all)
    func `a JSON answer becomes the end of the stream`(chunking: Chunking) {
        var proxy = Self.holding()
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        let sent = proxy.received()
        #expect(sent.hasSuffix(Self.body) && !sent.contains("Accept-Encoding"))
        proxy.server(
            .head("HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: \(Self.result.utf8.count)")
                + Self.result, chunking)
        #expect(Self.events(proxy.answered()).last == Self.result)
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        #expect(proxy.received().hasPrefix("GET / "))
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
        #expect(proxy.answered().hasSuffix("hi") && proxy.end == nil)
    }

    @Test(arguments: Chunking.all)
    func `a stream goes on in the stream, event by event`(chunking: Chunking) {
        var proxy = Self.holding()
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        let opening = proxy.answered()
        let event = "event: message\r\nid: 4\r\ndata: \(Self.result)\r\n\r\n"
        let chunk = "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
        let head = String.head(
            "HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked", "Set-Cookie: s=1")
        proxy.server(head + chunk, chunking)
        #expect(proxy.answered() == chunk)
        proxy.server("0\r\n\r\n", chunking)
        #expect(Self.events(opening + chunk + proxy.answered()).last == Self.result)
        #expect(proxy.core.policy.isAtRest && proxy.core.policy.isUpstreamReusable && proxy.end == nil)
    }

    @Test(arguments: [Answer.denied(by: "ann", reason: "too much"), .expired, .cancelled])
    func `a no is the tool's result, and the connection lives on`(answer: Answer) {
        var proxy = Self.holding()
        proxy.settle(1, answer)
        let last = Self.events(proxy.answered()).last ?? ""
        #expect(last.contains(#""id":7"#) && last.contains(#""isError":true"#))
        #expect(proxy.received() == "")
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
    }

    @Test(arguments: [
        "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    ])
    func `an answer that is none becomes an error of the call`(answer: String) {
        var proxy = Self.holding()
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        proxy.server(answer)
        let last = Self.events(proxy.answered()).last ?? ""
        #expect(last.contains(#""error":{"code":403,"message":"the server answered "#) && last.contains(#""id":7"#))
    }

    @Test func `a JSON-RPC error with a status of its own reaches the client`() {
        var proxy = Self.holding()
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        let error = #"{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"no"}}"#
        proxy.server("HTTP/1.1 400 Bad\r\nContent-Length: \(error.utf8.count)\r\n\r\n\(error)")
        #expect(Self.events(proxy.answered()).last == error)
    }

    @Test func `a server that is not there, or leaves, becomes an error of the call`() {
        var proxy = Self.holding()
        proxy.reach = .failed(UpstreamFailure("nobody listens"))
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        #expect(Self.events(proxy.answered()).last?.contains("nobody listens") == true)
        proxy = Self.holding()
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        proxy.upstreamLeaves()
        #expect(Self.events(proxy.answered()).last?.contains("closed the connection") == true)
        #expect(proxy.end != nil)
    }

    @Test(arguments: [
        post(accept: "application/json"), post(accept: "*/*"),
        post(#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"pay"}}"#),
        post().replacing("HTTP/1.1", with: "HTTP/1.0"), post().replacing("POST", with: "PUT"),
    ])
    func `a client that reads no stream waits without a word`(request: String) {
        var proxy = Self.holding(request)
        #expect(proxy.answered() == "")
        proxy.remind()
        #expect(proxy.answered() == "")
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        proxy.server(answer)
        #expect(proxy.answered().hasSuffix("{}"))
    }

    @Test func `a server that answers what waits has answered nothing`() {
        var proxy = Self.proxy()
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
        _ = proxy.answered()
        proxy.client(Self.post())
        proxy.asked(Self.question, number: 12)
        proxy.server(.head("HTTP/1.1 200 OK", "Set-Cookie: secret", "Content-Length: 6") + "forged")
        #expect(!proxy.answered().contains("forged"))
        #expect(proxy.recorded.contains("Set-Cookie: ******\r\n") && !proxy.recorded.contains("secret"))
        #expect(proxy.end == "the upstream answers what it was not asked")
    }

    /// A session of revision 2024-11-05: its stream, and a POST in it that is asked about.
    private static func legacy(
        _ body: String = body, _ accept: String = "*/*"
    ) -> (stream: ScriptedProxy, post: ScriptedProxy, said: SaidEvents) {
        let (pins, streams, said) = (SessionPins(), SessionStreams(), SaidEvents())
        var stream = proxy(pins, HeldCalls(), streams)
        stream.core.policy.judge?.say = { words in said.words.withLock { $0.append(words) } }
        stream.client(.head("GET /sse HTTP/1.1", "Host: a", "Accept: text/event-stream"))
        let endpoint = "event: endpoint\r\ndata: /messages/?session_id=1f2e\r\n\r\n"
        let head = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"]
        stream.server(
            head.joined(separator: "\r\n") + "\r\n\r\n\(String(endpoint.utf8.count, radix: 16))\r\n\(endpoint)\r\n")
        var proxy = proxy(pins, HeldCalls(), streams)
        proxy.client(post(body, accept: accept).replacing("/mcp", with: "/messages/?session_id=1f2e"))
        proxy.asked(question, number: 12)
        return (stream, proxy, said)
    }

    @Test(arguments: ["*/*", "application/json, text/event-stream"])
    func `a client of revision 2024-11-05 hears of the question in its stream, and again`(accept: String) {
        var (stream, proxy, said) = Self.legacy(Self.body, accept)
        let opening = stream.answered()
        proxy.remind()
        proxy.remind()
        #expect(proxy.answered() == "" && proxy.received() == "")
        #expect(proxy.core.policy.reminderPeriod != nil)
        for words in said.words.withLock({ $0 }) { stream.insert(words) }
        #expect(
            Self.events(opening + stream.answered()).dropFirst() == [
                ": waiting", Self.progress("1e-06"), ": waiting", Self.progress("2e-06"), ": waiting",
                Self.progress("3e-06"),
            ])
        proxy.settle(1, .allowed(by: "ann", reason: ""))
        #expect(proxy.received().hasSuffix(Self.body) && proxy.core.policy.reminderPeriod == nil)
        proxy.server(.head("HTTP/1.1 202 Accepted", "Content-Length: 0"))
        #expect(proxy.answered() == .head("HTTP/1.1 202 Accepted", "Content-Length: 0") && proxy.end == nil)
    }

    @Test func `it reads a no in its stream, and nothing further of what waited`() {
        var (stream, proxy, said) = Self.legacy()
        let opening = stream.answered()
        proxy.settle(1, .denied(by: "ann", reason: ""))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 202 Accepted\r\n") && proxy.received() == "")
        proxy.remind()
        for words in said.words.withLock({ $0 }) { stream.insert(words) }
        let events = Self.events(opening + stream.answered())
        #expect(events.count == 4 && events.last?.contains(#""isError":true"#) == true)
    }

    @Test func `once its stream is over it is told nothing more`() {
        var (stream, proxy, said) = Self.legacy()
        stream.server("0\r\n\r\n")
        proxy.remind()
        #expect(said.words.withLock { $0.count } == 1)
        proxy.settle(1, .denied(by: "ann", reason: ""))
        #expect(proxy.answered().contains(#""isError":true"#))
    }

    @Test func `a notification that waits needs no sign of life`() {
        let body = #"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"pay"}}"#
        let (_, proxy, said) = Self.legacy(body)
        #expect(said.words.withLock { $0.isEmpty } && proxy.core.policy.reminderPeriod == nil)
    }

    @Test(arguments: ["Mcp-Session-Id: s1\r\n", ""])
    func `a call that its client cancels in its session is taken back`(field: String) {
        let (pins, held) = (SessionPins(), HeldCalls())
        _ = pins.pin(SessionPins.Session(target: "files", id: Array("s1".utf8)), to: "\nalice")
        var proxy = Self.proxy(pins, held)
        let target = field.isEmpty ? "/mcp?session_id=s1" : "/mcp"
        func post(_ body: String) -> String {
            "POST \(target) HTTP/1.1\r\nHost: a\r\n\(field)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        proxy.client(post(Self.body))
        let asked = proxy.core.policy.judge?.asked ?? []
        #expect(asked.map(\.id) == [7])
        let cancelled = Atomic<Int>(0)
        for call in asked { held.waits(call) { cancelled.add(1, ordering: .relaxed) } }
        var other = Self.proxy(pins, held)
        for id in ["8", "\"7\"", "7"] {
            #expect(cancelled.load(ordering: .relaxed) == 0)
            other.client(
                post(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#))
            #expect(other.received().contains("notifications/cancelled"))
            other.server("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(cancelled.load(ordering: .relaxed) == 1)
    }

    @Test func `client leg and notes tell all of it`() {
        var proxy = Self.holding()
        let opening = proxy.answered()
        proxy.settle(1, .denied(by: "ann", reason: "no"))
        let whole = opening + proxy.answered()
        var (recorded, notes) = ("", [Annotation]())
        for entry in proxy.entries {
            switch entry {
            case .bytes(.serverToClient, let bytes): recorded += String(decoding: bytes, as: UTF8.self)
            case .note(let note): notes.append(note)
            default: break
            }
        }
        #expect(recorded == whole)
        #expect(notes.contains { $0.kind == .synthesized } && notes.contains { $0.kind == .question })
    }
}

/// What was to be said in a stream.
private final class SaidEvents: Sendable {
    let words = Mutex<[[UInt8]]>([])
}
