import Protocols
import Testing

/// JSON-RPC 2.0 as its specification has it, and what only resembles it.
@Suite struct JSONRPCTests {
    private func read(_ text: String) throws -> JSONRPCContent? {
        let bytes = Array(text.utf8)
        return try JSONRPCContent(bytes.span)
    }

    @Test func `requests, notifications and answers are told apart`() throws {
        let call = JSONRPCCall("subtract", .array([42, 23]))
        #expect(
            try read(#"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#)?.messages == [
                .request(id: .integer(1), call)
            ])
        #expect(
            try read(#"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23]}"#)?.messages == [
                .notification(call)
            ])
        #expect(
            try read(#"{"jsonrpc": "2.0", "result": 19, "id": "x"}"#)?.messages == [
                .result(id: .string("x"), 19)
            ])
        #expect(
            try read(#"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found","data":1},"id":1}"#)?
                .messages == [
                    .failure(
                        id: .integer(1), JSONRPCError(code: -32601, message: "Method not found", data: 1))
                ])
    }

    @Test func `an error may belong to no request`() throws {
        let message = JSONRPCMessage.failure(id: nil, JSONRPCError(code: -32700, message: "Parse error"))
        #expect(
            try read(#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}"#)?.messages
                == [message])
        #expect(try read(#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}"#)?.messages == [message])
    }

    @Test func `a batch holds messages, and counts what is none`() throws {
        let content = try read(#"[{"jsonrpc":"2.0","method":"a"}, 1, {"jsonrpc":"2.0","method":"b","id":2}, []]"#)
        #expect(content?.isBatch == true)
        #expect(content?.invalid == 2)
        #expect(content?.messages.compactMap(\.call?.method) == ["a", "b"])
    }

    @Test func `a batch above 1000 messages is read so far`() throws {
        let text = "[" + Array(repeating: #"{"jsonrpc":"2.0","method":"a"}"#, count: 1500).joined(separator: ",") + "]"
        let content = try read(text)
        #expect(content?.messages.count == 1000)
        #expect(content?.invalid == 500)
    }

    @Test func `1 and 1.0 are one id, and "1" is another`() throws {
        #expect(try read(#"{"jsonrpc":"2.0","result":0,"id":1.0}"#)?.messages == [.result(id: .integer(1), 0)])
        #expect(JSONRPCID.integer(1) != .string("1"))
        #expect(JSONRPCID.integer(1).description == "1")
        #expect(JSONRPCID.string("1").description == "\"1\"")
    }

    @Test(arguments: [
        "1", "[]", "[1]", "{}", #"{"method":"a"}"#, #"{"jsonrpc":"1.0","method":"a"}"#, #"{"jsonrpc":"2.0"}"#,
        #"{"jsonrpc":"2.0","method":1}"#, #"{"jsonrpc":"2.0","method":"a","result":1,"id":1}"#,
        #"{"jsonrpc":"2.0","result":1}"#, #"{"jsonrpc":"2.0","result":1,"error":{"code":1,"message":""},"id":1}"#,
        #"{"jsonrpc":"2.0","error":{"code":"1","message":""},"id":1}"#, #"{"jsonrpc":"2.0","method":"a","id":1.5}"#,
        #"{"jsonrpc":"2.0","method":"a","id":{}}"#, #"{"jsonrpc":"2.0","method":"a","id":null}"#,
    ])
    func `what only resembles JSON-RPC is none`(_ text: String) throws {
        #expect(try read(text) == nil)
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","method":"a","method":"b"}"#, #"{"jsonrpc":"2.0","method":"a"} {}"#,
        #"{"jsonrpc":"2.0","method":"a","params":"# + String(repeating: "[", count: 65)
            + String(repeating: "]", count: 65) + "}",
        #"{"jsonrpc":"2.0","method":"\ud800"}"#, #"{"jsonrpc":"2.0","method":"a""#, "",
    ])
    func `what parsers read differently is a fault`(_ text: String) {
        #expect(throws: JSONFault.self) { try read(text) }
    }

    @Test func `a text may nest 64 deep`() throws {
        let parameters = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        #expect(try read(#"{"jsonrpc":"2.0","method":"a","params":"# + parameters + "}") != nil)
    }
}
