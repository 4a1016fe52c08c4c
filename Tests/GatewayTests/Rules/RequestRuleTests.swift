import Gateway
import Protocols
import Testing

/// Which rule decides about an HTTP request.
@Suite struct RequestRuleTests {
    private static let alice = Identity(subject: "alice", groups: ["staff"], method: "jwt")

    /// "deny:NAME", "ask:NAME" or "allow:NAME"; the name is empty where no rule decided.
    private static func judge(_ facts: RequestFacts, _ set: RuleSet) -> String {
        switch CallerRules(set, for: alice, on: "mcp").judge(facts, at: 0) {
        case .allow(let rule): "allow:\(rule?.name ?? "")"
        case .ask(let rule, _): "ask:\(rule.name)"
        case .deny(let rule, _): "deny:\(rule?.name ?? "")"
        }
    }

    private static func request(_ line: String, _ body: String = "") -> RequestFacts {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return RequestFacts(parts[0], parts[1], content: CallReading.content(Array(body.utf8).span))
    }

    private static func rule(_ name: String, _ action: Rule.Action, _ fill: (inout RequestPattern) -> Void) -> Rule {
        var rule = Rule(name, action)
        var pattern = RequestPattern()
        fill(&pattern)
        rule.requests = pattern
        return rule
    }

    private static func call(_ tool: String, _ arguments: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
    }

    // MARK: Methods and paths

    private static let admin = RuleSet([rule("admin", .deny) { $0.paths = ["/admin/*"] }])

    @Test(arguments: [
        "/admin", "/admin/", "/admin/x", "/admin/x?y=/z", "/Admin/x", "/ADMIN", "/%61dmin/x", "/admin%2fx",
        "/admin%2Fx",
        "//admin/x", "/x//admin", "/x/../admin", "/x/%2e%2e/admin", "/x/.%2E/admin", "/./admin", "/%2e/admin",
        "/admin;a=b/x", "/x;/../admin", "/x\\..\\admin", "/x%5c..%5cadmin", "/%2561dmin", "/admin%00", "/admin%0a",
        "/admin%20/x", "/admin./x", "/admin%", "/admin%zz", "/x%ff", "/%c0%ae%c0%ae/admin", "/admin%3fx", "/x%23/admin",
        "/\u{ff41}dmin", "/adm\u{200b}in", "admin/x", "", "/x#/../admin", "/ADM\u{131}N/../x", "/admin\u{ad}",
    ])
    func `a rule that denies a path fits whatever a server could take for it`(_ path: String) {
        #expect(Self.judge(RequestFacts("GET", path), Self.admin) == "deny:admin")
    }

    @Test(arguments: [
        "/", "/x", "/administrators", "/x/admin", "/x?p=/admin/..", "/caf%C3%A9", "/a%20b", "*", "/x/", "/v1.2/x",
        "/~x",
    ])
    func `other paths are none of its business`(_ path: String) {
        #expect(Self.judge(RequestFacts("GET", path), Self.admin) == "allow:")
    }

    @Test(arguments: [
        ("/public/x", "allow:public"), ("/public", "allow:public"), ("/%70ublic/x", "allow:public"),
        ("/Public/x", "deny:"),
        ("/public/../x", "deny:"), ("/public/%2e%2e/x", "deny:"), ("/public//x", "deny:"), ("/public/x;y", "deny:"),
        ("/public/%2fx", "deny:"), ("/public/x%", "deny:"), ("/x", "deny:"),
    ])
    func `a rule that allows a path fits only where every server reads that path`(_ path: String, _ expected: String) {
        let set = RuleSet([Self.rule("public", .allow) { $0.paths = ["/public/*"] }], standard: .deny)
        #expect(Self.judge(RequestFacts("GET", path), set) == expected)
    }

    @Test func `methods and paths that fields ask for count as well`() {
        let deletes = RuleSet([Self.rule("deletes", .deny) { $0.methods = ["DELETE"] }])
        let reads = RuleSet(
            [
                Self.rule("reads", .allow) {
                    $0.methods = ["POST"]; $0.paths = ["/x"]
                }
            ], standard: .deny)
        let path = RequestPath("/x")
        #expect(Self.judge(RequestFacts(methods: ["POST", "delete"], paths: [path]), deletes) == "deny:deletes")
        #expect(Self.judge(RequestFacts(methods: ["POST"], paths: [path]), deletes) == "allow:")
        #expect(Self.judge(RequestFacts(methods: ["POST", "DELETE"], paths: [path]), reads) == "deny:")
        #expect(Self.judge(RequestFacts(methods: ["POST"], paths: [path, RequestPath("/y")]), reads) == "deny:")
        #expect(Self.judge(RequestFacts(methods: ["POST"], paths: [path]), reads) == "allow:reads")
    }

    // MARK: Calls

    private static let tools = RuleSet([
        rule("deletes", .deny) { $0.tools = ["delete_*"] },
        rule("etc", .deny) {
            $0.tools = ["read"]; $0.arguments = [ArgumentPattern("path", ["/etc/*"])]
        },
        rule("asks", .ask) { $0.tools = ["pay"] },
        rule("sampling", .deny) { $0.rpc = ["prompts/*"] },
    ])

    @Test(arguments: [
        (call("delete_all"), "deny:deletes"), (call("Delete_All"), "deny:deletes"), (call("read"), "allow:"),
        (call("read", #"{"path":"/etc/passwd"}"#), "deny:etc"),
        (call("read", #"{"path":["/x","/etc/y"]}"#), "deny:etc"),
        (call("read", #"{"PATH":"/ETC/x"}"#), "deny:etc"), (call("read", #"{"path":{"a":["/etc/x"]}}"#), "deny:etc"),
        (call("read", #"{"path":"/tmp"}"#), "allow:"), (call("pay"), "ask:asks"), (call("other"), "allow:"),
        (call("d\u{435}lete_all"), "deny:deletes"), (call("delete\u{200b}_all"), "deny:deletes"),
        (call(" delete_all"), "deny:deletes"), (call("\u{ff44}elete_all"), "deny:deletes"), (call(""), "allow:"),
        (#"{"method":"prompts/get"}"#, "deny:sampling"), (#"{"method":"ping"}"#, "allow:"),
        ("[\(call("read")),\(call("pay"))]", "ask:asks"), ("[\(call("pay")),\(call("delete_x"))]", "deny:deletes"),
        (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "allow:"), (#"{"a":1}"#, "allow:"), ("plain text", "allow:"),
        ("", "allow:"), ("a=1&b=2", "allow:"),
    ])
    func `of each call the first rule that fits decides, of the calls the strictest`(_ body: String, _ expected: String)
    {
        #expect(Self.judge(Self.request("POST /mcp", body), Self.tools) == expected)
    }

    @Test(arguments: [
        #"{"method":"ping","method":"tools/call","params":{"name":"delete_x"}}"#,
        #"{"method":"tools/call","params":{"name":"read","name":"delete_x"}}"#,
        #"{"method":"ping","Method":"tools/call","params":{"name":"delete_x"}}"#,
        #"{"method":"tools/call","params":{"name":"read","Name":"delete_x"}}"#,
        #"{"method":"tools/call","params":{"name":"read"},"PARAMS":{"name":"delete_x"}}"#,
        #"{"method":"tools/call","params":{"name":"read"},"param\u017f":{"name":"delete_x"}}"#,
        #"{"\u006dethod":"ping","method":"tools/call"}"#,
        #"{"method":"tools/call"}"#, #"{"method":"tools/call","params":["delete_x"]}"#,
        #"{"method":"tools/call","params":{"name":["delete_x"]}}"#, #"{"method":["tools/call"]}"#,
        #"[[{"method":"tools/call","params":{"name":"delete_x"}}]]"#, #"{"method":"ping"}{"method":"tools/call"}"#,
        "{", #"{"method":"ping",}"#, "{'method':'tools/call'}", "{method:1}", "// comment\n{}", "/**/{}",
        "\u{feff}{\"method\":\"tools/call\"}", "\u{a0}{}", "{\"a\":\"\u{1}\"}", #"{"a":"\ud800"}"#, #"{"a":NaN}"#,
        #"{"a":0x1}"#, #"{"a":01}"#, String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
        String(repeating: #"{"a":"#, count: 70) + "1" + String(repeating: "}", count: 70),
        "[" + String(repeating: "0,", count: 200_000) + "0]",
    ])
    func `a body that parsers read differently is held against every rule about calls`(_ body: String) {
        #expect(Self.judge(Self.request("POST /mcp", body), Self.tools) == "deny:deletes")
    }

    @Test(
        arguments: [
            [0x7b, 0x00, 0x7d, 0x00], [0x00, 0x7b, 0x00, 0x7d], [0xff, 0xfe, 0x7b, 0x00], [0xfe, 0xff, 0x00, 0x7b],
            [0x00, 0x00, 0x00, 0x7b], [0x7b, 0x00, 0x00, 0x00], [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d],
        ] as [[UInt8]])
    func `JSON in other character sets is unseen`(_ body: [UInt8]) {
        let facts = RequestFacts("POST", "/mcp", content: CallReading.content(body.span))
        #expect(Self.judge(facts, Self.tools) == "deny:deletes")
    }

    @Test(arguments: [
        (call("read"), "allow:tools"), (call("Read"), "deny:"), (call("re\u{301}ad"), "deny:"),
        (call("write"), "deny:"),
        (call("open", #"{"path":"/srv/a"}"#), "allow:srv"), (call("open", #"{"path":"/srv/../etc"}"#), "deny:"),
        (call("open", #"{"path":"/srv/%2E%2e/etc"}"#), "deny:"),
        (call("open", #"{"path":["/srv/a","/etc"]}"#), "deny:"),
        (call("open", #"{"Path":"/srv/a"}"#), "deny:"), (call("open", #"{"path":"/srv\\..\\x"}"#), "deny:"),
        (call("open"), "deny:"), (#"{"method":"initialize"}"#, "allow:"), (#"{"method":"tools/list"}"#, "allow:"),
        (#"{"method":"notifications/initialized"}"#, "allow:"), (#"{"method":"resources/read"}"#, "deny:"),
        ("[\(call("read")),\(call("write"))]", "deny:"), ("{", "deny:"), (#"{"id":1,"result":{}}"#, "allow:"),
        (#"{"a":1}"#, "deny:"),
    ])
    func `where the standard is to deny, calls need a rule that surely allows them`(_ body: String, _ expected: String)
    {
        let set = RuleSet(
            [
                Self.rule("tools", .allow) { $0.tools = ["read"] },
                Self.rule("srv", .allow) {
                    $0.tools = ["open"]; $0.arguments = [ArgumentPattern("path", ["/srv/*"])]
                },
            ], standard: .deny)
        #expect(Self.judge(Self.request("POST /mcp", body), set) == expected)
    }

    @Test func `a tool is hidden that is denied whatever it is given`() {
        let rules = CallerRules(Self.tools, for: Self.alice, on: "mcp")
        let facts = RequestFacts("POST", "/mcp")
        let hidden = ["delete_all", "read", "pay", "other"].filter { rules.hides(tool: $0, of: facts, at: 0) }
        #expect(hidden == ["delete_all"])
        let some = RuleSet(
            [
                Self.rule("some", .allow) {
                    $0.tools = ["open"]; $0.arguments = [ArgumentPattern("path", ["/srv/*"])]
                }
            ],
            standard: .deny)
        let strict = CallerRules(some, for: Self.alice, on: "mcp")
        #expect(!strict.hides(tool: "open", of: facts, at: 0))
        #expect(strict.hides(tool: "read", of: facts, at: 0))
    }

    @Test func `rules about requests say nothing of statements, and the other way round`() {
        var drops = Rule("drops", .deny)
        drops.statements = [.drop]
        let set = RuleSet([drops] + Self.tools.rules)
        let statements = CallerRules(RuleSet(Self.tools.rules), for: Self.alice, on: "orders")
        #expect(statements.allowsEverything)
        #expect(CallerRules(RuleSet([drops]), for: Self.alice, on: "mcp").allowsEveryRequest)
        #expect(Self.judge(Self.request("POST /mcp", Self.call("x")), set) == "allow:")
        #expect(Self.judge(Self.request("POST /mcp", "{"), RuleSet([drops])) == "allow:")
        #expect(Self.judge(RequestFacts("GET", "/x"), RuleSet([Rule("all", .deny)])) == "deny:all")
    }
}
