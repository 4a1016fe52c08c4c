import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// Refuses what holds "bad", asks about what holds "perhaps", and takes "secret" out of answers.
private struct WordJudge: HTTPJudge {
    var limit = 100

    mutating func sight(of head: HTTPRequestHead, _ bytes: Span<UInt8>, _ caller: Identity) -> HTTPSight {
        .content(limit: limit)
    }

    mutating func judge(
        _ head: HTTPRequestHead, _ bytes: Span<UInt8>, content: [UInt8]?, _ caller: Identity
    ) -> HTTPJudgement {
        let text = String(decoding: [UInt8](copying: bytes) + (content ?? []), as: UTF8.self)
        if text.contains("bad") { return .deny(.json(200, Array("{}".utf8)), rule: "no bad words") }
        if text.contains("perhaps") { return .ask(Question(id: 1, rule: "who knows", title: "perhaps?"), []) }
        return .allow
    }

    mutating func settle(_ question: Question, _ answer: Answer) -> HTTPJudgement {
        if case .allowed = answer { return .allow }
        return .deny(HTTPAnswer(403), rule: question.rule)
    }

    mutating func sight(of head: HTTPResponseHead, _ bytes: Span<UInt8>) -> HTTPSight {
        head.status == 200 ? .content(limit: limit) : .head
    }

    mutating func edit(_ content: [UInt8], of head: HTTPResponseHead) -> HTTPEdit {
        let text = String(decoding: content, as: UTF8.self)
        if text.contains("leak") { return .refused(rule: "no leaks") }
        let new = text.split(separator: " ").filter { $0 != "secret" }.joined(separator: " ")
        return new == text ? .unchanged : .edited(Array(new.utf8), reason: "secrets are not shown")
    }
}

/// Knows "Bearer alice" and "Bearer bob" at once, and has to ask about any other token.
private struct BearerCallers: HTTPCallers {
    private var found: Result<Identity, IdentityRefusal>?

    mutating func caller(of head: HTTPRequestHead, _ bytes: Span<UInt8>) -> HTTPCaller {
        switch found.take() {
        case .success(let identity): return .known(identity)
        case .failure: return .answer(HTTPAnswer(401, ["WWW-Authenticate": "Bearer"]), reason: "unknown token")
        case nil: break
        }
        guard let value = head.fields.value(.authorization, in: bytes) else {
            return .answer(HTTPAnswer(401), reason: "no token")
        }
        let name = String(value.dropFirst(7))
        return ["alice", "bob"].contains(name)
            ? .known(Identity(subject: name, method: "test")) : .find(Secret(Array(name.utf8)))
    }

    mutating func found(_ result: Result<Identity, IdentityRefusal>) { found = result }
}

@Suite struct HTTPJudgingTests {
    private static let ok = String.head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi"

    private static func post(_ text: String, _ fields: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(text.utf8.count)\r\n\r\n" + text
    }

    @Test(arguments: Chunking.all)
    func `a request is held until its content is there, and then goes on whole`(chunking: Chunking) {
        var proxy = ScriptedProxy(judge: WordJudge())
        proxy.client(Self.post("good words"), chunking)
        #expect(
            proxy.received() == .head(
                "POST / HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), ScriptedProxy.via,
                "Content-Length: 10") + "good words")
        proxy.server(Self.ok, chunking)
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
        #expect(proxy.core.policy.isAtRest)
    }

    @Test(arguments: Chunking.all)
    func `chunks that were held go on in one piece`(chunking: Chunking) {
        var proxy = ScriptedProxy(judge: WordJudge())
        let head = String.head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
        proxy.client(head + "3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n", chunking)
        #expect(
            proxy.received() == .head(
                "POST / HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), ScriptedProxy.via,
                "Content-Length: 5") + "abcde")
        proxy.server(.head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n\r\n", chunking)
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "Content-Length: 2") + "hi")
    }

    @Test(arguments: Chunking.all)
    func `a refused request is answered, and the next one is read`(chunking: Chunking) {
        var proxy = ScriptedProxy(judge: WordJudge())
        proxy.client(Self.post("bad words") + Self.post("good words"), chunking)
        #expect(proxy.answered().hasSuffix("\r\n\r\n{}"))
        #expect(proxy.received().hasSuffix("good words"))
        #expect(proxy.end == nil)
    }

    @Test func `who waits to send his content is told to before it is judged`() {
        var proxy = ScriptedProxy(judge: WordJudge())
        proxy.client("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        #expect(proxy.answered() == .head("HTTP/1.1 100 Continue"))
        proxy.client("good")
        #expect(
            proxy.received() == .head(
                "POST / HTTP/1.1", "Host: 127.0.0.1:9000", ScriptedProxy.forwarded(), ScriptedProxy.via,
                "Content-Length: 4") + "good")
        proxy.server(Self.ok)
        #expect(proxy.answered().hasPrefix("HTTP/1.1 200"))
    }

    @Test(arguments: Chunking.all)
    func `what is too long to be judged is refused`(chunking: Chunking) {
        var proxy = ScriptedProxy(judge: WordJudge(limit: 100))
        proxy.client(Self.post(String(repeating: "x", count: 500)), chunking)
        #expect(proxy.answered().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        #expect(proxy.received() == "")
        #expect(proxy.end != nil)
    }

    @Test(arguments: [Answer.allowed(by: "carol", reason: ""), .expired])
    func `a question holds its request until it is answered`(answer: Answer) {
        var proxy = ScriptedProxy(judge: WordJudge())
        proxy.client(Self.post("perhaps"))
        #expect(proxy.others.contains { if case .ask = $0 { true } else { false } })
        #expect(proxy.received() == "" && proxy.answered() == "")
        proxy.settle(1, answer)
        if answer == .expired {
            #expect(proxy.answered().hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
            #expect(proxy.received() == "")
        } else {
            #expect(proxy.received().hasSuffix("perhaps"))
        }
        proxy.client(Self.post("good"))
        #expect(proxy.end == nil)
    }

    @Test(arguments: Chunking.all)
    func `a response is held until it can be edited`(chunking: Chunking) {
        var proxy = ScriptedProxy(judge: WordJudge())
        proxy.client(Self.post("good"))
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 12", "X: y") + "the secret x", chunking)
        #expect(proxy.answered() == .head("HTTP/1.1 200 OK", "X: y", "Content-Length: 5") + "the x")
        #expect(proxy.core.policy.isUpstreamReusable)
    }

    @Test func `a response that may not pass becomes a 502`() {
        var proxy = ScriptedProxy(judge: WordJudge())
        proxy.client(Self.post("good"))
        proxy.server(.head("HTTP/1.1 200 OK", "Content-Length: 4") + "leak")
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 502") && !answer.contains("leak\n\n") && answer.contains("no leaks"))
        #expect(proxy.end != nil)
    }

    @Test func `who calls is known per request, and recorded when it changes`() {
        var proxy = ScriptedProxy(callers: BearerCallers())
        for name in ["alice", "bob", "bob", "alice"] {
            proxy.client(.head("GET / HTTP/1.1", "Host: a", "Authorization: Bearer \(name)"))
            proxy.server(Self.ok)
        }
        let subjects = proxy.others.compactMap { if case .identity(let who) = $0 { who.subject } else { nil } }
        #expect(subjects == ["bob", "alice"])
    }

    @Test func `a token that has to be looked at holds its request`() {
        var proxy = ScriptedProxy(callers: BearerCallers())
        let get = String.head("GET / HTTP/1.1", "Host: a", "Authorization: Bearer eyJ")
        proxy.client(get)
        #expect(proxy.others == [.identify])
        #expect(proxy.received() == "")
        proxy.identified(.success(Identity(subject: "dora", method: "jwt")))
        #expect(proxy.received().hasPrefix("GET /"))
        proxy.server(Self.ok)
        _ = proxy.answered()
        proxy.client(get)
        proxy.identified(.failure(.unknownToken))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"))
        #expect(proxy.received() == "")
    }

    @Test func `credentials are filler in the recording, on both legs`() {
        var proxy = ScriptedProxy()
        let request = String.head("GET / HTTP/1.1", "Host: a", "Authorization: Bearer geheim", "Cookie: sid=geheim")
        proxy.client(request)
        #expect(proxy.received().contains("Bearer geheim"))
        proxy.server(.head("HTTP/1.1 200 OK", "Set-Cookie: sid=geheim", "Content-Length: 0"))
        #expect(proxy.answered().contains("sid=geheim"))
        #expect(!proxy.recorded.contains("geheim"))
        #expect(proxy.recorded.contains("Authorization: Bearer ******\r\n"))
    }
}
