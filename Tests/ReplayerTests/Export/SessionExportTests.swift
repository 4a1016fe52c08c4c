import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// The connections of one MCP session, exported together.
@Suite struct SessionExportTests {
    private let scratch = ScratchFolder()

    /// The order of files is of no account.
    private func session() async throws -> RecordedSession {
        let paths = try await MCPSession.record(in: scratch.path + "/recordings").map(\.path)
        return RecordedSession(paths.reversed(), key: MCPSession.key)
    }

    private func text(_ run: ((Span<UInt8>) -> Bool) throws(StoreFault) -> Void) throws -> String {
        var output: [UInt8] = []
        try run { bytes in
            output.append(bytes)
            return true
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a page tells the story of all connections, and names their recordings`() async throws {
        let session = try await session()
        let seal = PageSeal(.holds, title: "Complete and unchanged", text: "")
        let page = try text { (write) throws(StoreFault) in
            try PageExport(session, seal: seal).run { write($1) }
        }
        for number in 1...9 { #expect(page.contains("\"Connection \(number) of 9\"")) }
        #expect(page.contains("the server asks the user: Which colour, and how many?"))
        #expect(!page.contains(#""status":"unfinished""#))
    }

    @Test func `a log has the requests of all connections in the order in which they ended`() async throws {
        let session = try await session()
        let log = try JSON.parse(text { (write) throws(StoreFault) in try HARExport(session).run(write: write) })["log"]
        let entries = log?["entries"]?.array ?? []
        var alone = 0
        for path in session.paths {
            let one = try JSON.parse(
                text { (write) throws(StoreFault) in try HARExport(RecordedSession(path)).run(write: write) })
            alone += one["log"]?["entries"]?.array?.count ?? 0
        }
        #expect(entries.count == alone && alone >= 9)
        #expect(Set(entries.compactMap { $0["connection"]?.string }).count == 9)
    }

    @Test func `a capture has one connection for each recording, side by side as they were`() async throws {
        let session = try await session()
        let path = scratch.path + "/all.pcapng"
        try CaptureExport(session).write(to: path)
        let lines = try await decoded(path).lines
        #expect(lines.count { $0["type"] == "flow" } == 9)
        #expect(Set(lines.compactMap { $0["client"]?.string }) == Set((1...9).map { "127.0.0.1:\(50_000 + $0)" }))
        let calls = lines.filter { $0["kind"] == "mcp.tools/call" }
        #expect(calls.count == 2)
        let backwards = try await Command("tshark", ["-r", path, "-Y", "frame.time_delta < 0"]).output()
        #expect(backwards == "")
        let comments = try await Command("tshark", ["-r", path, "-Y", "frame.comment contains \"recording\""]).output()
        #expect(comments.split(separator: "\n").count == 9)
    }

    @Test func `files name the recording that they come from, and equal contents are one file`() async throws {
        let session = try await session()
        try FilesExport(session).run(into: scratch.path + "/files")
        let manifest = try JSON.parse(#require(read(scratch.path + "/files/manifest.json")))
        #expect(manifest["recordings"]?.array?.count == 9)
        let entries = manifest["files"]?.array ?? []
        #expect(Set(entries.compactMap { $0["recording"]?.string }).count > 5)
        #expect(entries.count { $0["kind"] == "request-body" } > 5)
    }

    @Test func `a script of a session without SQL is its story as comments`() async throws {
        let session = try await session()
        let script = try text { (write) throws(StoreFault) in try SQLExport(session).run(write: write) }
        let lines = script.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("-- recording ") } == 9)
        #expect(lines.allSatisfy { $0.hasPrefix("--") || $0.hasPrefix("\\") })
        #expect(script.contains("mcp.tools/call: "))
    }
}
