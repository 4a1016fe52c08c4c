import Protocols
import Testing
import WireTestKit

/// Pages of what was captured from real clients and servers, as Chromium shows them.
@Suite struct ImportedPageTests {
    struct Session: Sendable, CustomTestStringConvertible {
        /// Below fixtures/, without ".pcap".
        let capture: String
        /// What is sought, and what the page then shows.
        let sought: String
        let shown: [String]

        var testDescription: String { capture }
    }

    @Test(arguments: [
        Session(
            capture: "mcp/session", sought: "tool call",
            shown: ["Tool call", "add(a: 2, b: 40)", "\"b\": 40", "failed: Error executing tool fail: on purpose"]),
        Session(capture: "http/websocket-messages", sought: "welcome", shown: ["Message", "welcome", "opcode\ntext"]),
        Session(capture: "grpc/unary", sought: "shop.orders", shown: ["gRPC call", "shop.Orders/Find", "grpc-status"]),
    ])
    func `an imported session is a page that can be searched`(_ session: Session) async throws {
        let folder = try await temporaryDirectory("imported")
        let (recordings, state) = (folder + "/recordings", folder + "/state")
        let capture = "\(Repository.root)/fixtures/\(session.capture).pcap"
        try await run(["import", capture, "--recordings", recordings, "--state", state])
        var pages = ""
        let files = try await Command("find", [recordings, "-name", "*.wtr", "-size", "+0"]).output()
        for (number, file) in files.split(separator: "\n").enumerated() {
            let page = "\(folder)/\(number).html"
            try await run(["export", String(file), "--format", "html", "--output", page, "--state", state])
            let reader = try await PageReader(page, ["search=\(session.sought)", "read", "search=", "read"])
            #expect(reader.complaints == [])
            #expect(reader.text.contains("Complete and unchanged"))
            pages += reader.steps[1].string ?? ""
        }
        for text in session.shown { #expect(pages.contains(text), "\(text)") }
    }

    private func run(_ words: [String]) async throws {
        let built = try await buildDirectory() + "/wiretrail"
        try await Command(environment("WIRETRAIL") ?? built, words).output()
    }
}
