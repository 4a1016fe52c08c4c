import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// Rules, sessions and proofs as they meet requests on a connection.
@Suite struct RequestJudgeTests {
    private static let pins = SessionPins()

    private static func rule(_ name: String, _ action: Rule.Action, _ fill: (inout RequestPattern) -> Void) -> Rule {
        var rule = Rule(name, action)
        var pattern = RequestPattern()
        fill(&pattern)
        rule.requests = pattern
        return rule
    }

    private static let rules = RuleSet([
        rule("deletes", .deny) { $0.tools = ["delete_*"] }, rule("payments", .ask) { $0.tools = ["pay"] },
        rule("admin", .deny) { $0.paths = ["/admin/*"] }, rule("purge", .deny) { $0.methods = ["PURGE"] },
    ])

    private static func proxy(
        _ rules: RuleSet = rules, _ pins: SessionPins = pins, limit: Int = 10_000, callers: (any HTTPCallers)? = nil
    ) -> ScriptedProxy {
        let book = RuleBook(rules) { 0 }
        return ScriptedProxy(
            callers: callers,
            judge: RequestJudge(book, pins, HeldCalls(), SessionStreams(), target: "files", bodyLimit: limit))
    }

    private static func post(_ body: String, _ fields: String...) -> String {
        let lines = fields.map { $0 + "\r\n" }.joined()
        return "POST /mcp HTTP/1.1\r\nHost: a\r\n\(lines)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func call(_ tool: String) -> String {
        #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"\#(tool)"}}"#
    }

    // MARK: Requests

    @Test(arguments: Chunking.all)
    func `a denied tool is answered, and the connection lives on`(_ chunking: Chunking) {
        var proxy = Self.proxy()
        proxy.client(Self.post(Self.call("delete_all")), chunking)
        #expect(proxy.received() == "")
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains(#""isError":true"#))
        proxy.client(Self.post(Self.call("read")), chunking)
        #expect(proxy.received().hasSuffix(Self.call("read")))
        #expect(proxy.end == nil)
    }

    @Test(arguments: [
        "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x%2f..%2fadmin HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/admin/x HTTP/1.1\r\nHost: a\r\n\r\n", "PURGE /x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: purge\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: a\r\nX-Http-Method: PURGE\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: a\r\nX-Original-URL: /admin\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: a\r\nx-rewrite-url: /Admin/x\r\n\r\n", "GET //admin HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func `a denied path or method gets 403, however it is written`(_ request: String) {
        var proxy = Self.proxy()
        proxy.client(request)
        #expect(proxy.received() == "")
        #expect(proxy.answered().hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
    }

    @Test(arguments: [
        (#"{"method":"ping","method":"tools/call"}"#, ""), (#"{"id":1,"Method":"tools/call"}"#, ""),
        (call("read"), "Content-Encoding: gzip"), (call("read"), "Content-Encoding: identity, br"),
        (call("read"), "Content-Type: application/json; charset=utf-16"),
        (call("read"), "Content-Type: application/json;charset=\"UTF-7\""), ("{", ""),
        (String(repeating: "[", count: 500), ""), (#"{"method":"tools/call","params":{}}"#, ""),
    ])
    func `a body that could ask for anything is refused while a rule is about tools`(_ body: String, _ field: String) {
        var proxy = Self.proxy()
        proxy.client(field.isEmpty ? Self.post(body) : Self.post(body, field))
        #expect(proxy.received() == "")
        #expect(proxy.answered().hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
    }

    @Test(arguments: [
        ["Mcp-Method: ping"], ["Mcp-Name: write"], ["Mcp-Method: tools/call", "Mcp-Method: tools/call"],
        ["Mcp-Name: read", "mcp-name: delete_all"], ["Mcp-Name: =?base64?d3JpdGU=?="],
    ])
    func `fields that contradict the body get the answer that MCP has for that`(_ fields: [String]) {
        var proxy = Self.proxy()
        let lines = fields.map { $0 + "\r\n" }.joined()
        let body = Self.call("read")
        proxy.client("POST /mcp HTTP/1.1\r\nHost: a\r\n\(lines)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(proxy.received() == "")
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && answer.contains("-32020"))
    }

    @Test func `fields that agree with the body pass`() {
        var proxy = Self.proxy()
        proxy.client(Self.post(Self.call("read"), "Mcp-Method: tools/call", "Mcp-Name: =?base64?cmVhZA==?="))
        #expect(proxy.received().hasSuffix(Self.call("read")))
    }

    @Test func `a body longer than rules read is refused, and not even begun`() {
        var proxy = Self.proxy(limit: 100)
        proxy.client(Self.post(String(repeating: " ", count: 200) + Self.call("delete_all")))
        #expect(proxy.received() == "")
        #expect(proxy.answered().hasPrefix("HTTP/1.1 413 "))
    }

    @Test(arguments: [Answer.allowed(by: "carol", reason: ""), .denied(by: "carol", reason: "no"), .expired])
    func `a question holds its call alone until it is answered`(_ answer: Answer) {
        var proxy = Self.proxy()
        proxy.client(Self.post(Self.call("pay")))
        #expect(proxy.received() == "")
        let question = proxy.core.openQuestion(.clientToServer)
        #expect(question?.title.contains("the tool pay") == true)
        proxy.settle(question?.id ?? 0, answer)
        if case .allowed = answer {
            #expect(proxy.received().hasSuffix(Self.call("pay")))
        } else {
            #expect(proxy.received() == "")
            #expect(proxy.answered().contains(#""isError":true"#))
        }
    }

    // MARK: Lists of tools

    private static let list = #"{"id":1,"result":{"tools":[{"name":"read"},{"name":"delete_x"}]}}"#

    private static func answer(_ body: String, _ type: String = "application/json") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(arguments: Chunking.all)
    func `tools that are denied are not shown`(_ chunking: Chunking) {
        var proxy = Self.proxy()
        proxy.client(Self.post(#"{"id":1,"method":"tools/list"}"#), chunking)
        proxy.server(Self.answer(Self.list), chunking)
        #expect(proxy.answered().hasSuffix(#"{"id":1,"result":{"tools":[{"name":"read"}]}}"#))
    }

    @Test(arguments: Chunking.all)
    func `nor are they in an event stream, whose other events stay as they came`(_ chunking: Chunking) {
        var proxy = Self.proxy()
        proxy.client(Self.post(#"{"id":1,"method":"tools/list"}"#), chunking)
        let first = "id: 1_0\r\ndata: \r\nretry: 500\r\n\r\n: ping\r\n\r\n"
        proxy.server(
            Self.answer(first + "id: 1_1\r\nevent: message\r\ndata: \(Self.list)\r\n\r\n", "text/event-stream"),
            chunking)
        let answer = proxy.answered()
        #expect(answer.contains(first))
        #expect(answer.contains("id: 1_1\ndata: {\"id\":1,\"result\":{\"tools\":[{\"name\":\"read\"}]}}\n\n"))
        #expect(!answer.contains("delete_x"))
    }

    @Test func `a list of tools that cannot be read does not pass`() {
        var proxy = Self.proxy()
        proxy.client(Self.post(#"{"id":1,"method":"tools/list"}"#))
        proxy.server(Self.answer(#"{"result":{"tools":[],"tools":[{"name":"delete_x"}]}}"#))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 "))
    }

    // MARK: Sessions

    @Test func `a session that was given to one caller is not there for another`() {
        let pins = SessionPins()
        var alice = Self.proxy(Self.rules, pins, callers: FixedCaller("alice"))
        alice.client(Self.post(#"{"id":1,"method":"initialize"}"#))
        alice.server("HTTP/1.1 200 OK\r\nMcp-Session-Id: s1\r\nContent-Length: 2\r\n\r\n{}")
        _ = (alice.received(), alice.answered())
        alice.client(Self.post(Self.call("read"), "Mcp-Session-Id: s1"))
        #expect(alice.received().contains("s1"))
        for request in [
            Self.post(Self.call("read"), "Mcp-Session-Id: s1"),
            "GET /mcp HTTP/1.1\r\nHost: a\r\nMcp-Session-Id: s1\r\n\r\n",
            "DELETE /mcp HTTP/1.1\r\nHost: a\r\nmcp-session-id: s1\r\n\r\n",
            Self.post(Self.call("read"), "Mcp-Session-Id: s1", "Mcp-Session-Id: s2"),
            Self.post(Self.call("read"), "Mcp-Session-Id: unknown"),
        ] {
            var bob = Self.proxy(Self.rules, pins, callers: FixedCaller("bob"))
            bob.client(request)
            #expect(bob.received() == "")
            #expect(bob.answered().hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
    }

    @Test func `the caller may change from request to request, and the recording says so`() {
        var proxy = Self.proxy(callers: FixedCaller("alice", then: "bob"))
        let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
        for _ in 0..<2 {
            proxy.client(request)
            proxy.server("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let identities = proxy.others.compactMap {
            if case .identity(let identity) = $0 { identity.subject } else { nil }
        }
        #expect(identities.last == "bob")
    }
}

/// Every request comes from the same caller; or the first one does, and the others from another.
private struct FixedCaller: HTTPCallers {
    private var names: [String]

    init(_ name: String, then other: String? = nil) { names = [name] + (other.map { [$0] } ?? []) }

    mutating func caller(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> HTTPCaller {
        .known(Identity(subject: names.count > 1 ? names.removeFirst() : names[0], method: "test"))
    }

    mutating func found(_ result: Result<Identity, IdentityRefusal>) {}
}
