import Protocols
import Testing

@testable import Gateway

/// What is taken out of a server's list of tools, and what stays.
@Suite struct ToolListFilterTests {
    private static let filter = ToolListFilter { $0.hasPrefix("delete") }

    private static func filtered(_ text: String) -> String {
        switch filter.filter(Array(text.utf8)) {
        case .unchanged: "unchanged"
        case .unreadable: "unreadable"
        case .edited(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    @Test func `what is hidden goes, and all else stays byte for byte`() {
        let text = """
            {"jsonrpc":"2.0", "id" : 7,"result":{ "tools" : [ {"name":"a","x":[1,{"y":"]}\\""}]} ,{"name":"delete_a"},\r
            {"description":"{","name":"b"} ], "nextCursor":"délète ]"},"z":1.50 }
            """
        #expect(
            Self.filtered(text) == """
                {"jsonrpc":"2.0", "id" : 7,"result":{ "tools" : [{"name":"a","x":[1,{"y":"]}\\""}]},{"description":"{","name":"b"}], "nextCursor":"délète ]"},"z":1.50 }
                """)
    }

    @Test(arguments: [
        #"{"id":1,"result":{"tools":[{"name":"a"}]}}"#, #"{"id":1,"result":{"content":[]}}"#, #"{"id":1,"error":{}}"#,
        #"{"tools":[{"name":"delete"}]}"#, "[]", "7", #"{"result":{"tools":[]}}"#,
    ])
    func `what shows nothing hidden stays as it came`(_ text: String) {
        #expect(Self.filtered(text) == "unchanged")
    }

    @Test(arguments: [
        (#"{"result":{"tools":[{"name":"delete"}]}}"#, #"{"result":{"tools":[]}}"#),
        (#"{"result":{"tools":[{"n\u0061me":"\u0064elete"},{"name":"b"}]}}"#, #"{"result":{"tools":[{"name":"b"}]}}"#),
        (#"{"r\u0065sult":{"\u0074ools":[{"name":"delete"}]}}"#, #"{"r\u0065sult":{"\u0074ools":[]}}"#),
        (#"{"result":{"tools":[{"title":"x"},"delete",null]}}"#, #"{"result":{"tools":[]}}"#),
        (#"{"result":{"tools":{"name":"delete"}}}"#, #"{"result":{"tools":[]}}"#),
        (#"[{"result":{"tools":[{"name":"delete"}]}},{"id":2}]"#, #"[{"result":{"tools":[]}},{"id":2}]"#),
    ])
    func `names are read as clients read them`(_ text: String, _ expected: String) {
        #expect(Self.filtered(text) == expected)
    }

    @Test(arguments: [
        (
            #"{"result":{"ttlMs":60000,"cacheScope":"public","tools":[]}}"#,
            #"{"result":{"ttlMs":10000,"cacheScope":"private","tools":[]}}"#
        ),
        (
            #"{"result":{"ttlMs":5,"tools":[{"name":"delete"}],"cacheScope":"private"}}"#,
            #"{"result":{"ttlMs":5,"tools":[],"cacheScope":"private"}}"#
        ),
        (#"{"result":{"ttlMs":1e9,"tools":[{"name":"a"}]}}"#, #"{"result":{"ttlMs":10000,"tools":[{"name":"a"}]}}"#),
    ])
    func `a list is for its caller alone, and not for long`(_ text: String, _ expected: String) {
        #expect(Self.filtered(text) == expected)
    }

    @Test(arguments: ["{", #"{"result":{"tools":[{"name":"a","name":"delete"}]}}"#, #"{"result":{"tools":[]}}x"#, ""])
    func `what clients read differently is unreadable`(_ text: String) { #expect(Self.filtered(text) == "unreadable") }
}
