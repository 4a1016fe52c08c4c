import Testing
import WireTestKit

/// A real client is not shown what it may not call, by whichever transport it lists the tools.
@Suite struct MCPHiddenToolTests {
    private static let rules = """
        rules:
          default: allow
          named:
            - {name: no-sums, verdict: deny, requests: {tools: [add]}}
        """

    @Test(arguments: ["sdk1", "sdk1 --json", "sdk1 --sse"])
    func `a hidden tool is in no list, and its call fails`(_ words: String) async throws {
        let server = words.split(separator: " ").map(String.init)
        let rig = try await HTTPGatewayRig(
            rules: Self.rules, before: try await .start(pythonOfFirstSDK, ["mcp_server.py"] + server), path: "/")
        let isOld = server.last == "--sse"
        let words = [rig.address(isOld ? "/sse" : "/mcp"), HTTPGatewayRig.tokens["alice"] ?? ""]
        let client = [clients + "/mcp_tools.py"] + words + (isOld ? ["sse"] : [])
        let seen = try await Command(pythonOfFirstSDK, client).output()
        #expect(
            seen == """
                tools: ask chat count fail interrupted large measure sample wait was_cancelled weather
                add: True rule "no-sums" does not allow the tool add

                """)
        #expect(try await rig.gateway.drain() == .status(0))
        try await rig.gateway.expectVerifiedRecordings()
    }
}
