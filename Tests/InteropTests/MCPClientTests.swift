import Testing
import WireTestKit

/// MCP clients of every era say the same directly and through the gateway: tools, resources, prompts, progress, sampling,
/// elicitation, resumption, cancellation, fifty calls at once.
@Suite struct MCPClientTests {
    @Test(arguments: [["sdk1"], ["sdk2"]])
    func `SDK 1 over streamable HTTP`(_ server: [String]) async throws {
        try await expectSameTranscript(server, pythonOfFirstSDK, "mcp_client.py", "mcp", mode: "legacy")
    }

    @Test(arguments: [["sdk1", "--sse"], ["sdk2", "--sse"]])
    func `SDK 1 over the transport of 2024`(_ server: [String]) async throws {
        try await expectSameTranscript(server, pythonOfFirstSDK, "mcp_client.py", "sse", mode: "sse")
    }

    @Test(arguments: [["sdk1"], ["sdk2"], ["fastmcp"]], ["legacy", "auto"])
    func `SDK 2, with sessions and without`(_ server: [String], _ mode: String) async throws {
        try await expectSameTranscript(server, python, "mcp_client.py", "mcp", mode: mode)
    }

    @Test func `SDK 2, where all answers are JSON`() async throws {
        try await expectSameTranscript(["sdk2", "--json"], python, "mcp_client.py", "mcp", mode: "auto")
    }

    @Test(arguments: [["sdk2"], ["fastmcp"]], ["legacy", "auto"])
    func `fastmcp, with sessions and without`(_ server: [String], _ mode: String) async throws {
        try await expectSameTranscript(server, python, "fastmcp_client.py", "mcp", mode: mode)
    }

    @Test func `200 clients at once, each with a session of its own`() async throws {
        let rig = try await HTTPRig.mcp(["sdk2"])
        let crowd = Command(python, [clients + "/mcp_crowd.py", "http://\(rig.recorded)/mcp"])
        #expect(try await crowd.output(timeoutSeconds: 300) == "200 clients, 400 steps of progress\n")
        try await rig.expectVerifiedRecordings()
    }

    private func expectSameTranscript(
        _ server: [String], _ interpreter: String, _ client: String, _ path: String, mode: String
    ) async throws {
        let rig = try await HTTPRig.mcp(server)
        let seen = try await rig.expectSameTranscript {
            Command(interpreter, [clients + "/" + client, "http://\($0)/\(path)", mode])
        }
        #expect(seen.hasPrefix("status(0)") && seen.contains("-- ended"))
    }
}
