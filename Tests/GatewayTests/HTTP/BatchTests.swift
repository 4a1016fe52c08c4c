import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// A batch with calls that rules refuse: those are answered here, the others go on, and the client gets all the answers.
@Suite struct BatchTests {
    private static func rule(_ name: String, _ action: Rule.Action, _ tools: String...) -> Rule {
        var rule = Rule(name, action)
        var pattern = RequestPattern()
        pattern.tools = tools.map { Wildcard($0) }
        rule.requests = pattern
        return rule
    }

    private static func proxy() -> ScriptedProxy {
        let rules = RuleSet([rule("deletes", .deny, "delete_*"), rule("payments", .ask, "pay*")])
        return ScriptedProxy(
            judge: RequestJudge(
                RuleBook(rules) { 0 }, SessionPins(), HeldCalls(), SessionStreams(), target: "files", bodyLimit: 10_000)
        )
    }

    private static func call(_ tool: String, _ id: Int?) -> String {
        let id = id.map { #""id": \#($0), "# } ?? ""
        return #"{"jsonrpc":"2.0", \#(id)"method":"tools/call","params":{"name":"\#(tool)"}}"#
    }

    private static func result(_ id: Int) -> String { #"{"jsonrpc":"2.0","id":\#(id),"result":{"content":[]}}"# }

    private static func post(_ elements: [String], accept: String = "application/json") -> String {
        let body = "[" + elements.joined(separator: " , ") + "]"
        return "POST /mcp HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func json(_ content: String, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\(fields)Content-Length: \(content.utf8.count)\r\n\r\n\(content)"
    }

    /// The ids of the answers, those that failed by the gateway's word with a minus.
    private static func answers(_ answer: String) -> [Int] {
        guard let end = answer.firstRange(of: "\r\n\r\n")?.upperBound,
            let array = try? JSON.parse(String(answer[end...])).array
        else { return [] }
        return array.map { Int($0["id"]?.integer ?? 0) * ($0["result"]?["isError"] == true ? -1 : 1) }
    }

    @Test(arguments: Chunking.all)
    func `what is refused is taken out, and its answer comes with the others'`(chunking: Chunking) {
        for content in ["[\(Self.result(1)) , \(Self.result(3))]", Self.result(1)] {
            var proxy = Self.proxy()
            proxy.client(Self.post([Self.call("read", 1), Self.call("delete_all", 2), Self.call("read", 3)]), chunking)
            #expect(proxy.received().hasSuffix("\r\n\r\n[\(Self.call("read", 1)),\(Self.call("read", 3))]"))
            proxy.server(Self.json(content), chunking)
            #expect(Self.answers(proxy.answered()) == (content.hasPrefix("[") ? [1, 3, -2] : [1, -2]))
            #expect(proxy.core.policy.isUpstreamReusable && proxy.end == nil)
            proxy.client(.head("GET / HTTP/1.1", "Host: a"))
            #expect(proxy.received().hasPrefix("GET / "))
        }
    }

    @Test(arguments: Chunking.all)
    func `a stream begins with the gateway's answers, and is not held`(chunking: Chunking) {
        var proxy = Self.proxy()
        proxy.client(Self.post([Self.call("delete_all", 1), Self.call("read", 2)]), chunking)
        let head = String.head("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked")
        proxy.server(head, chunking)
        let first = proxy.answered()
        #expect(
            first.hasPrefix(head) && first.contains("event: message\ndata: {\"id\":1,") && first.contains("isError"))
        let chunk = "8\r\ndata: 1\n\r\n"
        proxy.server(chunk, chunking)
        #expect(proxy.answered() == chunk)
        proxy.server("0\r\n\r\n", chunking)
        #expect(proxy.core.policy.isAtRest && proxy.end == nil)
    }

    @Test(arguments: ["HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"])
    func `where only notifications are left, the client gets the gateway's answers alone`(response: String) {
        var proxy = Self.proxy()
        let notification = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
        proxy.client(Self.post([notification, Self.call("delete_all", 5)]))
        #expect(proxy.received().hasSuffix("[\(notification)]"))
        proxy.server(response)
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && Self.answers(answer) == [-5])
        #expect(proxy.end == nil)
    }

    @Test func `answers to the server's own requests go on, whatever is refused beside them`() {
        var proxy = Self.proxy()
        let answer = #"{"jsonrpc":"2.0","id":9,"result":{"roots":[]}}"#
        proxy.client(Self.post([Self.call("delete_all", 1), answer, Self.call("delete_all", nil)]))
        #expect(proxy.received().hasSuffix("[\(answer)]"))
    }

    @Test func `nothing goes on where all is refused`() {
        var proxy = Self.proxy()
        proxy.client(Self.post([Self.call("delete_a", 1), Self.call("delete_b", 2), Self.call("delete_c", nil)]))
        #expect(proxy.received() == "")
        #expect(Self.answers(proxy.answered()) == [-1, -2])
    }

    @Test(arguments: [
        "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", "HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n{}",
    ])
    func `a response that fails as a whole passes as it is`(response: String) {
        var proxy = Self.proxy()
        proxy.client(Self.post([Self.call("read", 1), Self.call("delete_all", 2)]))
        proxy.server(response)
        #expect(proxy.answered() == response)
    }

    @Test(arguments: ["", "Content-Encoding: gzip\r\n"])
    func `answers that cannot be read are withheld`(fields: String) {
        var proxy = Self.proxy()
        proxy.client(Self.post([Self.call("read", 1), Self.call("delete_all", 2)]))
        proxy.server(Self.json(fields.isEmpty ? "[1" : "[]", fields))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 "))
        #expect(proxy.end != nil)
    }

    @Test func `tools that are hidden stay so`() {
        var proxy = Self.proxy()
        proxy.client(Self.post([#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, Self.call("delete_all", 2)]))
        let list = #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"delete_all"},{"name":"read"}]}}"#
        proxy.server(Self.json(list))
        let answer = proxy.answered()
        #expect(answer.contains(#"[{"name":"read"}]"#) && Self.answers(answer) == [1, -2])
    }

    // MARK: Questions

    @Test(arguments: [false, true], [false, true])
    func `each call is asked about alone`(first: Bool, second: Bool) {
        var proxy = Self.proxy()
        proxy.client(
            Self.post([
                Self.call("pay_rent", 1), Self.call("read", 2), Self.call("delete_all", 3), Self.call("pay_all", 4),
            ]))
        let answers = [first, second].map {
            $0 ? Answer.allowed(by: "ann", reason: "") : .denied(by: "ann", reason: "")
        }
        proxy.settle(1, answers[0])
        #expect(proxy.received() == "")
        proxy.settle(2, answers[1])
        let titles = proxy.others.compactMap { if case .ask(let question) = $0 { question.title } else { nil } }
        #expect(titles == ["the tool pay_rent: {}", "the tool pay_all: {}"])
        let sent = proxy.received()
        #expect(sent.contains("pay_rent") == first && sent.contains("pay_all") == second)
        #expect(sent.contains("read") && !sent.contains("delete"))
        let left = (first ? [1] : []) + [2] + (second ? [4] : [])
        proxy.server(Self.json("[" + left.map(Self.result).joined(separator: ",") + "]"))
        #expect(Self.answers(proxy.answered()).map(abs).sorted() == [1, 2, 3, 4])
    }

    @Test func `a client that reads a stream hears of each question, and reads all answers in it`() {
        var proxy = Self.proxy()
        proxy.client(
            Self.post(
                [Self.call("pay_rent", 1), Self.call("pay_all", 2), Self.call("delete_all", 3)],
                accept: "application/json, text/event-stream"))
        func question(_ id: UInt64) -> Question { Question(id: id, rule: "payments", title: "?") }
        proxy.asked(question(1), number: 11)
        #expect(proxy.answered().hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
        proxy.settle(1, .denied(by: "ann", reason: ""))
        proxy.asked(question(2), number: 12)
        #expect(proxy.answered().hasPrefix("b\r\n: waiting\n\n\r\n"))
        proxy.settle(2, .allowed(by: "ann", reason: ""))
        #expect(proxy.received().hasSuffix("[\(Self.call("pay_all", 2))]"))
        proxy.server(Self.json(Self.result(2)))
        let end = proxy.answered()
        #expect(end.contains("data: {\"id\":1,") && end.contains("data: {\"id\":3,") && end.hasSuffix("0\r\n\r\n"))
        #expect(end.contains("data: \(Self.result(2))\n"))
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        #expect(proxy.received().hasPrefix("GET / ") && proxy.end == nil)
    }
}
