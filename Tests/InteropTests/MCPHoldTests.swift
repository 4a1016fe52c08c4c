import Testing
import WireTestKit

/// What becomes of a real client's calls that wait for a person's answer.
@Suite struct MCPHoldTests {
    private static let rules = """
        rules:
          default: allow
          named:
            - {name: four-eyes, verdict: ask, requests: {tools: [count]}}
        """

    @Test(arguments: [["sdk1"], ["sdk1", "--json"], ["sdk2"]], [pythonOfFirstSDK, python])
    func `a client stays while its call waits, its others go on, and it reads what comes of it`(
        _ words: [String], _ client: String
    ) async throws {
        let interpreter = words[0] == "sdk1" ? pythonOfFirstSDK : python
        let rig = try await HTTPGatewayRig(
            rules: Self.rules, before: try await .start(interpreter, ["mcp_server.py"] + words))
        let token = HTTPGatewayRig.tokens["alice"] ?? ""
        async let told = Command(client, [clients + "/mcp_held.py", rig.address("/files"), token])
            .output()
        try await rig.answer("allow")
        try await rig.answer("deny", "too often")
        let seen = try await told
        #expect(seen.contains("which rule four-eyes asks: the tool count: {\"to\":3}\n"))
        let parts = seen.split(separator: "\n").filter { !$0.hasPrefix("progress") }
        #expect(
            parts == [
                "meanwhile: 42", "allowed: counted to 3",
                "denied: failed, rule \"four-eyes\" asked, and the answer was no: too often", "afterwards: 2",
            ], "\(seen)")
        if words == ["sdk1"] { #expect(seen.contains("progress: step 3")) }
        #expect(try await rig.gateway.drain() == .status(0))
        try await rig.gateway.expectVerifiedRecordings()
    }

    @Test(arguments: [pythonOfFirstSDK, python])
    func `so does one of revision 2024-11-05, and hears of it in the stream of its session`(
        _ client: String
    ) async throws {
        let rig = try await HTTPGatewayRig(
            rules: Self.rules, before: try await .start(pythonOfFirstSDK, ["mcp_server.py", "sdk1", "--sse"]), path: "/"
        )
        let token = HTTPGatewayRig.tokens["alice"] ?? ""
        async let told = Command(client, [clients + "/mcp_held.py", rig.address("/sse"), token, "sse"])
            .output()
        try await rig.answer("allow")
        try await rig.answer("deny", "too often")
        let seen = try await told
        #expect(seen.contains("which rule four-eyes asks: the tool count: {\"to\":3}\n"))
        #expect(
            seen.split(separator: "\n").filter { !$0.hasPrefix("progress") } == [
                "allowed: counted to 3",
                "denied: failed, rule \"four-eyes\" asked, and the answer was no: too often", "afterwards: 2",
            ], "\(seen)")
        #expect(try await rig.gateway.drain() == .status(0))
        try await rig.gateway.expectVerifiedRecordings()
    }
}
