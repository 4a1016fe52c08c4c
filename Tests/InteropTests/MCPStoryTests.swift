import Testing
import WireTestKit

/// A real client's session, made of many connections, is listed as one and read as one.
@Suite struct MCPStoryTests {
    @Test(arguments: [("sdk1", "legacy"), ("sdk1 --sse", "sse")])
    func `tool calls are told with what they were given and what came of them`(
        _ server: String, _ mode: String
    ) async throws {
        let rig = try await HTTPRig.mcp(server.split(separator: " ").map(String.init))
        let client = Repository.root + "/fixtures/mcp/client.py"
        let parts = ["list", "calls", "progress", "questions", "cancellation"]
        let command = Command(pythonOfFirstSDK, [client, "http://\(rig.recorded)", mode] + parts)
        #expect(try await command.run().exit == .status(0))
        try await rig.expectVerifiedRecordings()

        let place = ["--recordings", rig.gateway.recordings]
        let list = try await rig.gateway.run(["sessions"] + place).output.split(separator: "\n")
        #expect(list.count == 2, "\(list)")
        #expect(list.last?.hasPrefix("1 +") ?? false)
        let story = try await rig.gateway.run(["timeline", "1"] + place).output
        for sentence in [
            "initialize by mcp", "12 tools", "add(a: 2, b: 40)", "result 42", "fail(reason: \"on purpose\")",
            "FAILED isError Error executing tool fail: on purpose", "1.0 of 3.0, step 1",
            "the server asks the client's model: user: What is it?", "result assistant: forty-two",
            "the server asks the user: Which colour, and how many?", "action accept",
            "wait(name: \"call\", seconds: 60)",
            "CANCELLED", "the user lost patience",
        ] {
            #expect(story.contains(sentence), "\(sentence) is not in:\n\(story)")
        }
        #expect(!story.contains("not seen here") && !story.contains("UNFINISHED"))
    }
}
