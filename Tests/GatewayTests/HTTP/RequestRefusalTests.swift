import Protocols
import Testing

@testable import Gateway

/// The words with which a request is refused.
@Suite struct RequestRefusalTests {
    private static func refusal(_ call: RPCCall) -> RequestRefusal {
        var rule = Rule("r", .deny)
        rule.message = "ask \"Ann\""
        return RequestRefusal(rule, .call(call))
    }

    private static func answer(_ calls: [RPCCall], _ isBatch: Bool = false, refused: Set<Int> = [0]) -> HTTPAnswer {
        let refusals = calls.indices.map { refused.contains($0) ? refusal(calls[$0]) : nil }
        return RequestRefusal.answer(calls, isBatch: isBatch, refusals)
    }

    private static func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test func `a tool is refused like a tool that fails`() {
        let answer = Self.answer([.tool("rm", id: 7)])
        #expect(answer.status == 200)
        #expect(answer.fields == [HTTPAnswer.Field(name: "content-type", value: "application/json")])
        let expected = """
            {"id":7,"jsonrpc":"2.0","result":{"content":[{"text":"rule \\"r\\" does not allow the tool rm: ask \\"Ann\\"",\
            "type":"text"}],"isError":true}}
            """
        #expect(Self.text(answer) == expected)
    }

    @Test func `another call is refused by an error whose code nobody else uses`() {
        let answer = Self.answer([RPCCall("prompts/get", id: "x")])
        #expect(answer.status == 200)
        let expected = """
            {"error":{"code":403,"message":"rule \\"r\\" does not allow prompts/get: ask \\"Ann\\""},"id":"x",\
            "jsonrpc":"2.0"}
            """
        #expect(Self.text(answer) == expected)
        #expect(!(-32768 ... -32000).contains(RequestRefusal.code))
    }

    @Test func `a notification is refused without a word`() {
        #expect(Self.answer([RPCCall("notifications/x")]) == HTTPAnswer(202))
        #expect(Self.answer([RPCCall("notifications/x"), RPCCall("a")], true) == HTTPAnswer(202))
    }

    @Test func `in a batch each call gets its own answer`() {
        let calls: [RPCCall] = [.tool("a", id: 1), RPCCall("notifications/x"), RPCCall("ping", id: 2)]
        let json = try? JSON.parse(Self.text(Self.answer(calls, true, refused: [0, 1, 2])))
        #expect(json?.array?.map { $0["id"] } == [1, 2])
        #expect(json?.array?[0]["result"]?["isError"] == true)
        #expect(json?.array?[1]["error"]?["message"]?.string?.contains("does not allow ping") == true)
        #expect(Self.text(Self.answer([.tool("a", id: 1)], true)).hasPrefix("["))
    }

    @Test(arguments: [JSON.integer(1), "1", .null, .double(1.5)])
    func `the id comes back as it was`(_ id: JSON) {
        #expect((try? JSON.parse(Self.text(Self.answer([.tool("a", id: id)]))))?["id"] == id)
    }

    @Test func `other requests get a problem`() {
        let answer = RequestRefusal(nil, .request("GET /x\"\\\r\n")).answer
        #expect(answer.status == 403)
        #expect(answer.fields.first?.value == "application/problem+json")
        #expect((try? JSON.parse(Self.text(answer)))?["detail"]?.string == "no rule allows GET /x\"\\\r\n")
    }
}
