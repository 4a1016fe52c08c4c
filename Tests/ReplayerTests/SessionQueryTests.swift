import Adapters
import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// The recordings of one MCP session, found by its key and told as one story.
@Suite struct SessionQueryTests {
    private static let key = MCPSession.key
    private let scratch = ScratchFolder()
    private var folder: String { scratch.path + "/recordings" }

    private func record() async throws -> [TestRecording] {
        try await MCPSession.record(in: folder)
    }

    private func run(_ query: SessionQuery) throws -> String {
        var output: [UInt8] = []
        try query.run { bytes in
            output.append(bytes)
            return true
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a question of the server and its answer on another connection are one event`() async throws {
        // The order of files is of no account.
        let paths = try await record().map(\.path).reversed()
        let text = try run(SessionQuery(Array(paths), key: Self.key, format: .text(colours: false, showsRows: false)))
        let lines = text.split(separator: "\n")
        #expect(lines[0] == "Session \(Self.key), 9 connections")
        #expect(text.contains("tools/call    sample(question: \"What is it?\")"))
        #expect(text.contains("elicitation/create  the server asks the user: Which colour, and how many?"))
        #expect(text.contains("action accept · content {\"colour\":\"green\",\"count\":3}"))
        #expect(text.contains("answered on 8"))
        #expect(!text.contains("UNFINISHED") && !text.contains("not seen here"))
        #expect(lines.count { $0.contains("identity      alice") } == 1)
        #expect(lines.last == "11 events; the recording is complete")
    }

    @Test func `JSON lines name each recording and the events of each`() async throws {
        let recordings = try await record()
        let lines = try run(SessionQuery(recordings.map(\.path), key: Self.key, format: .jsonLines))
            .split(separator: "\n").map { try JSON.parse(String($0)) }
        let headings = lines.filter { $0["type"]?.string == "recording" }
        #expect(headings.count == 9)
        #expect(headings.allSatisfy { $0["sharedSession"]?.string == Self.key })
        #expect(headings.compactMap { $0["stream"]?.integer } == Array(1...9))
        let calls = lines.filter { $0["kind"]?.string == "mcp.tools/call" }
        #expect(calls.compactMap { $0["stream"]?.integer } == [4, 7])
        #expect(lines.compactMap { $0["event"]?.integer } == Array(1...11))
    }

    @Test func `only what happened in a time is told, where that is asked for`() async throws {
        var query = SessionQuery(try await record().map(\.path), key: Self.key, format: .jsonLines)
        query.from = TestRecording.time(37).wallNanoseconds
        query.to = TestRecording.time(42).wallNanoseconds
        let kinds = try run(query).split(separator: "\n").compactMap { try JSON.parse(String($0))["kind"]?.string }
        #expect(kinds == ["mcp.tools/call", "mcp.elicitation/create"])
    }

    @Test func `the catalog knows which recordings share a session`() async throws {
        let recordings = try await record()
        _ = try TestRecording(in: folder, number: 77).seal()
        let catalog = try Catalog.current(StateFolder(scratch.path + "/state"), RecordingsFolder(folder)).catalog
        var filter = CatalogFilter()
        filter.sharedSession = Self.key
        let found = try catalog.list(filter)
        #expect(Set(found.map(\.recording)) == Set(recordings.map(\.writer.recording)))
        #expect(try catalog.lookup(Self.key).count == 9)
        #expect(try catalog.list().count == 10)
        // A limit counts sessions: the latest is the one recording beside it.
        for (limit, count) in [(0, 0), (1, 1), (2, 10), (3, 10)] {
            filter = CatalogFilter()
            filter.limit = limit
            #expect(try catalog.list(filter).count == count)
        }
        filter.target = "tools"
        filter.limit = 1
        #expect(try catalog.list(filter).count == 9)
    }
}
