import Testing
import WireTestKit

/// What somebody may try at an HTTP listener of the gateway, with curl, and what comes of it.
@Suite struct HTTPIntruderTests {
    @Test(arguments: [
        [], ["-H", "Authorization: Bearer wrong-but-long-enough-to-be-a-token"], ["-u", "alice:password"],
        ["-H", "Authorization: bearer"], ["-H", "Authorization: Negotiate abc"], ["-H", "Mcp-Session-Id: session-1"],
        HTTPGatewayRig.bearer("alice") + HTTPGatewayRig.bearer("bob"), ["-H", "X-Forwarded-User: alice"],
        ["-H", "Cookie: access_token=alice-has-this-token-of-many-letters"],
        ["-H", "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."],
    ])
    func `whoever shows no proof gets 401, and the server nothing`(_ words: [String]) async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.curl(words)
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.lowercased().contains("www-authenticate: bearer"))
        #expect(try await rig.seen() == "[]")
    }

    @Test func `a token in the query is none`() async throws {
        let rig = try await HTTPGatewayRig()
        let token = HTTPGatewayRig.tokens["alice"] ?? ""
        #expect(try await rig.curl([], "/files?access_token=\(token)").hasPrefix("HTTP/1.1 401 "))
        #expect(try await rig.seen() == "[]")
    }

    @Test(arguments: [
        ("Host: evil.example", "421"), ("Host: 127.0.0.1.evil.example", "421"), ("Host: localhost.evil", "421"),
        ("Host: 127.0.0.1@evil", "4"), ("Origin: http://evil.example", "403"), ("Origin: null", "403"),
        ("Origin: http://127.0.0.1", "403"), ("Origin: https://app.example", "200"),
        ("Origin: https://app.example.evil", "403"), ("Transfer-Encoding: chunked, identity", "400"),
        ("Content-Length: 5, 5", "400"), ("X-Long: " + String(repeating: "x", count: 70_000), "431"),
    ])
    func `names and pages from elsewhere, and heads with two meanings, get no further`(
        _ field: String, _ status: String
    ) async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.curl(HTTPGatewayRig.bearer("alice") + ["-H", field])
        #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer)")
        #expect(try await rig.seen() == "[]" || status == "200")
    }

    @Test(arguments: [
        "/files/admin", "/files/Admin/x", "/files/%61dmin", "/files/../files/admin", "/files//admin",
        "/files/x/..%2fadmin",
        "/files/;/admin", "/files/admin%00", "/files/./admin", "/vault", "/vault/x", "/files/..", "/files/%2e%2e/vault",
        "/filesystem", "/", "/files\\..\\vault", "/VAULT", "/%76ault",
    ])
    func `no way of writing a path leads to what is denied`(_ path: String) async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.curl(HTTPGatewayRig.bearer("alice"), path)
        #expect(answer.hasPrefix("HTTP/1.1 40"), "\(answer)")
        #expect(try await rig.seen() == "[]")
    }

    @Test(arguments: [
        HTTPGatewayRig.tool("delete_all"), HTTPGatewayRig.tool("Delete_All"), HTTPGatewayRig.tool("delete\\u005fall"),
        HTTPGatewayRig.tool("d\u{435}lete_all"), HTTPGatewayRig.tool("delete_all\\u200b"),
        "[\(HTTPGatewayRig.tool("delete_all")),\(HTTPGatewayRig.tool("Delete_All"))]",
        #"{"id":1,"method":"ping","method":"tools/call","params":{"name":"delete_all"}}"#,
        #"{"id":1,"method":"tools/call","params":{"name":"read","name":"delete_all"}}"#,
        #"{"id":1,"method":"tools/call","params":{"name":"read","Name":"delete_all"}}"#,
        String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 200),
    ])
    func `no way of writing a call reaches a denied tool`(_ body: String) async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.call(body)
        #expect(answer.contains("isError") || answer.hasPrefix("HTTP/1.1 403 "), "\(answer)")
        #expect(try await rig.seen() == "[]")
    }

    @Test(arguments: [
        (["-H", "X-A: a\rX-Evil: 1"], "/files", "400"), (["-H", "X-A: a\nX-Evil: 1"], "/files", "400"),
        (["-H", "X-A : a"], "/files", "400"), (["-H", "X-Forwarded-For: 1\r\n X-Evil: 1"], "/files", "400"),
        ([], "/files/%0d%0aX-Evil:%201", "400"), ([], "/files?%0d%0aX-Evil:%201", "200"),
        (["-H", "User-Agent: a\u{85}X-Evil: 1"], "/files", "200"),
        (["-X", "GET /files HTTP/1.1\r\nX-Evil: 1\r\n\r\nGET"], "/files", "4"),
    ])
    func `nothing that a client writes begins a field of its own`(
        _ words: [String], _ path: String, _ status: String
    ) async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.curl(HTTPGatewayRig.bearer("alice") + words, path)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(answer)")
        let seen = try await rig.seen()
        #expect(!seen.contains("[\"X-Evil\"") && (seen == "[]") == (status != "200"), "\(seen)")
    }

    @Test(arguments: [
        "Forwarded: for=10.0.0.1", "X-Forwarded-For: 10.0.0.1", "X_Forwarded_For: 10.0.0.1", "X-Real-IP: 10.0.0.1",
        "X-Forwarded-Host: bank.example", "X-Forwarded-User: root", "Proxy: http://10.0.0.1",
        "True-Client-IP: 10.0.0.1",
        "Connection: Forwarded, Via", "Via: 1.1 10.0.0.1\r\nX-Forwarded-For: 10.0.0.1",
    ])
    func `no client says where its requests come from`(_ field: String) async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.curl(HTTPGatewayRig.bearer("alice") + ["-H", field])
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        let seen = try await rig.seen()
        let own = #"["Forwarded", "for=127.0.0.1;host=\"127.0.0.1:\#(rig.gateway.port)\";proto=http"]"#
        #expect(seen.contains(own) && seen.contains(#"["Via", "1.1 wiretrail"]"#), "\(seen)")
        #expect(!seen.contains("bank.example") && !seen.contains("root") && !seen.contains("http://10.0.0.1"))
        #expect(!seen.contains("10.0.0.1") || field.hasPrefix("Via"))
    }

    @Test(arguments: [("127.0.0.1", "for=203.0.113.9, "), ("127.0.0.2", "")])
    func `a proxy says it where it is trusted, and nowhere else`(_ trusted: String, _ way: String) async throws {
        let rig = try await HTTPGatewayRig(
            listener: "logins: [token], proxies: {trusted: [\(trusted)], field: x-forwarded-for}")
        let fields = ["-H", "X-Forwarded-For: 10.0.0.1, 203.0.113.9", "-H", "Forwarded: for=10.0.0.1"]
        #expect(try await rig.curl(HTTPGatewayRig.bearer("alice") + fields).hasPrefix("HTTP/1.1 200 "))
        let seen = try await rig.seen()
        #expect(seen.contains(#"["Forwarded", "\#(way)for=127.0.0.1;host="#) && !seen.contains("10.0.0.1"), "\(seen)")
        let malformed = try await rig.curl(HTTPGatewayRig.bearer("alice") + ["-H", "X-Forwarded-For: x"])
        #expect(malformed.hasPrefix("HTTP/1.1 \(way.isEmpty ? 200 : 400) "))
        let recorded = try await rig.recorded()
        #expect(recorded.contains("the proxy 127.0.0.1 speaks for 203.0.113.9") != way.isEmpty)
        #expect(recorded.contains("without what the client says of its way: \(way.isEmpty ? "X-Forwarded-For, " : "")"))
    }

    @Test func `one connection goes to one target, and says so`() async throws {
        let rig = try await HTTPGatewayRig()
        let other = HTTPGatewayRig.bearer("bob") + [rig.address("/files/a")]
        let answers = try await rig.curl(other, "/vault/b")
        #expect(answers.contains("HTTP/1.1 200 ") && answers.contains("HTTP/1.1 421 Misdirected Request\r\n"))
        let seen = try await rig.seen()
        #expect(seen.contains("GET /mcp/a ") && !seen.contains("/b "))
    }

    @Test func `a compressed body is not judged unseen`() async throws {
        let rig = try await HTTPGatewayRig()
        let answer = try await rig.call(HTTPGatewayRig.tool("read"), as: "alice", ["-H", "Content-Encoding: gzip"])
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        #expect(try await rig.seen() == "[]")
    }

    @Test func `a session is worth nothing to another caller`() async throws {
        let rig = try await HTTPGatewayRig()
        let start = #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#
        #expect(try await rig.call(start).contains("Mcp-Session-Id: session-1"))
        let session = ["-H", "Mcp-Session-Id: session-1"]
        #expect(try await rig.call(HTTPGatewayRig.tool("read"), as: "alice", session).hasPrefix("HTTP/1.1 200 "))
        #expect(try await rig.call(HTTPGatewayRig.tool("read"), as: "bob", session).hasPrefix("HTTP/1.1 404 "))
        #expect(
            try await rig.curl(HTTPGatewayRig.bearer("bob") + session + ["-X", "DELETE"]).hasPrefix("HTTP/1.1 404 "))
    }

    @Test func `neither the caller's token nor the gateway's is where it does not belong`() async throws {
        let rig = try await HTTPGatewayRig()
        let cookie = ["-H", "Cookie: session=a-cookie-that-nobody-records"]
        #expect(try await rig.call(HTTPGatewayRig.tool("read"), as: "alice", cookie).hasPrefix("HTTP/1.1 200 "))
        let query = "/files?access_token=one-that-nobody-records&ticket=one-that-nobody-records"
        #expect(try await rig.curl(HTTPGatewayRig.bearer("alice"), query).hasPrefix("HTTP/1.1 200 "))
        #expect(try await rig.curl([], query).hasPrefix("HTTP/1.1 401 "))
        let wrong = ["-H", "Authorization: Bearer a-wrong-token-that-nobody-records"]
        #expect(try await rig.curl(wrong).hasPrefix("HTTP/1.1 401 "))
        let seen = try await rig.seen()
        #expect(seen.contains(HTTPGatewayRig.upstreamToken) && seen.contains("a-cookie-that-nobody-records"))
        #expect(!seen.contains(HTTPGatewayRig.tokens["alice"] ?? "?"))
        let recorded = try await rig.recorded() + rig.gateway.log
        // Of the upstream's leg, too.
        #expect(recorded.contains("tools/call") && recorded.contains("POST /mcp HTTP/1.1"))
        for secret in [HTTPGatewayRig.tokens["alice"] ?? "?", HTTPGatewayRig.upstreamToken, "that-nobody-records"] {
            #expect(!recorded.contains(secret))
        }
    }

    @Test func `a call that waits is taken back by its client alone`() async throws {
        let rig = try await HTTPGatewayRig()
        let start = #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#
        #expect(try await rig.call(start).contains("Mcp-Session-Id: session-1"))
        let session = ["-H", "Mcp-Session-Id: session-1"]
        async let held = rig.call(HTTPGatewayRig.tool("pay"), as: "alice", session)
        try await until { try await rig.gateway.run(["questions"]).output.contains("the tool pay") }
        let cancel = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#
        #expect(try await rig.call(cancel, as: "bob", session).hasPrefix("HTTP/1.1 404 "))
        #expect(try await rig.gateway.run(["questions"]).output.contains("the tool pay"))
        #expect(try await rig.call(cancel, as: "alice", session).hasPrefix("HTTP/1.1 202 "))
        #expect(try await held.contains("the request was cancelled"))
        #expect(try await !rig.gateway.run(["questions"]).output.contains("the tool pay"))
        #expect(try await !rig.seen().contains("pay"))
    }

    @Test func `a question holds one call while the others go on`() async throws {
        let rig = try await HTTPGatewayRig()
        async let held = rig.call(HTTPGatewayRig.tool("pay"))
        try await until { try await rig.gateway.run(["questions"]).output.contains("the tool pay") }
        #expect(try await rig.call(HTTPGatewayRig.tool("read")).contains("done"))
        #expect(try await !rig.seen().contains("pay"))
        try await rig.answer("allow")
        #expect(try await held.contains("done"))
        #expect(try await rig.seen().contains("pay"))
    }
}
