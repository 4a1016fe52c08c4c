import Protocols
import Recorder
import Replayer
import Synchronization
import Testing
import WireTestKit

/// The API that commands call, on recordings as the gateway writes them.
@Suite struct QueryTests {
    private let scratch = ScratchFolder()
    private var folder: String { scratch.path }

    private func recording(_ number: UInt8 = 1, seals: Bool = true) throws -> TestRecording {
        let recording = try TestRecording(in: folder, number: number)
        recording.add(Conversation.login(user: "alice"))
        recording.add(Conversation.query("SELECT 'one'", answer: "first row"))
        try recording.cut()
        recording.add(Conversation.query("SELECT 'two'", answer: "second row"))
        try recording.cut()
        recording.add(Conversation.query("SELECT 'three'", answer: "third row") + [Conversation.terminate])
        if seals { try recording.seal() } else { try recording.cut() }
        return recording
    }

    private func run(_ query: TimelineQuery) throws -> String {
        var output: [UInt8] = []
        try query.run { bytes in
            output.append(bytes)
            return true
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a timeline is a story`() throws {
        let recording = try recording()
        let text = try run(TimelineQuery(recording.path, format: .text(colours: false, showsRows: true)))
        #expect(
            text == """
                Recording \(recording.writer.recording)
                  who      alice (peer-uid, uid 1000)
                  from     127.0.0.1:50000 to 127.0.0.1:6432, no TLS
                  target   orders (postgres)
                  begun    2026-11-21T04:00:00.001000Z
                  state    closed 2026-11-21T04:00:00.011000Z
                  session  1, kept by wiretrail test

                04:00:00.002000            identity      alice, proven by peer-uid
                                                         uid 1000
                04:00:00.003000   1.00 ms  login         alice to database alice
                                                         user alice · database alice · method none asked for · protocol version 3.0
                04:00:00.005000   1.00 ms  statement     SELECT 'one'
                                                         tag SELECT 1 · rows 1 · sent 18 B · received 61 B · transaction idle
                                                         c
                                                         first row
                04:00:00.007000   1.00 ms  statement     SELECT 'two'
                                                         tag SELECT 1 · rows 1 · sent 18 B · received 62 B · transaction idle
                                                         c
                                                         second row
                04:00:00.009000   1.00 ms  statement     SELECT 'three'
                                                         tag SELECT 1 · rows 1 · sent 20 B · received 61 B · transaction idle
                                                         c
                                                         third row
                04:00:00.011000            logout        the client ends the session

                6 events; the recording is complete

                """)
    }

    @Test func `JSON lines are as documented`() throws {
        let recording = try recording()
        let lines = try run(TimelineQuery(recording.path, format: .jsonLines)).split(separator: "\n")
        let objects = try lines.map { try JSON.parse(Array($0.utf8).span) }
        #expect(objects.allSatisfy { $0["v"] == 1 })
        #expect(objects.map { $0["type"]?.string } == ["recording"] + Array(repeating: "event", count: 6) + ["end"])
        #expect(
            lines[0] == """
                {"begun":"2026-11-21T04:00:00.001000Z","client":"127.0.0.1:50000","ended":"2026-11-21T04:00:00.011000Z",\
                "identity":{"facts":{"uid":"1000"},"groups":[],"method":"peer-uid","subject":"alice"},\
                "listener":"127.0.0.1:6432","protocol":"postgres","recording":"\(recording.writer.recording)","session":1,\
                "software":"wiretrail test","state":"closed","target":"orders","type":"recording","v":1}
                """)
        #expect(
            lines[3] == """
                {"durationNs":1000000,"event":3,"fields":{"received":61,"result":{"columns":["c"],"rows":[["first row"]],\
                "total":1},"rows":1,"sent":18,"tag":"SELECT 1","transaction":"idle"},"kind":"postgres.statement",\
                "outcome":{"status":"succeeded"},"request":[20,38],"response":[15,76],\
                "start":"2026-11-21T04:00:00.005000Z","startNs":1795233600005000000,"title":"SELECT 'one'",\
                "type":"event","v":1}
                """)
        #expect(lines.last == "{\"events\":6,\"state\":\"closed\",\"type\":\"end\",\"v\":1}")
    }

    @Test func `a window of time holds what overlaps it`() throws {
        let recording = try recording()
        var query = TimelineQuery(recording.path, format: .jsonLines)
        query.from = TestRecording.time(8).wallNanoseconds
        query.to = TestRecording.time(9).wallNanoseconds
        let text = try run(query)
        #expect(text.contains("SELECT 'two'"))
        #expect(!text.contains("SELECT 'one'"))
        #expect(!text.contains("SELECT 'three'"))
        #expect(text.contains("\"request\":[38,56]"))
        #expect(text.contains("\"identity\":{"))
    }

    @Test func `an unsealed recording is told as far as it goes`() throws {
        let recording = try recording(seals: false)
        #expect(try run(TimelineQuery(recording.path, format: .jsonLines)).contains("\"state\":\"live\""))
        #expect(throws: StoreFault.self) { try self.run(TimelineQuery(self.folder + "/none.wtr", format: .jsonLines)) }
    }

    @Test func `damage is told where the readable part ends`() throws {
        let path = try recording(seals: false).path
        var bytes = try #require(Repository.bytes(of: path))
        bytes[bytes.count - 20] ^= 1
        let copy = folder + "/copy.wtr"
        try write(bytes, to: copy)
        let text = try run(TimelineQuery(copy, format: .jsonLines))
        #expect(text.contains("SELECT 'two'"))
        #expect(!text.contains("SELECT 'three'"))
        #expect(text.contains("\"kind\":\"fault\""))
        #expect(text.contains("\"state\":\"incomplete\""))
    }

    @Test func `what stops writing stops reading`() throws {
        let recording = try recording()
        var writes = 0
        try TimelineQuery(recording.path, format: .jsonLines).run { _ in
            writes += 1
            return writes < 2
        }
        #expect(writes == 2)
    }

    @Test func `following tells what is written meanwhile, and ends with the recording`() async throws {
        let recording = try recording(seals: false)
        let output = Mutex("")
        var query = TimelineQuery(recording.path, format: .jsonLines)
        query.follows = true
        async let state = follow(query, into: output)
        try await until { output.withLock { $0.contains("SELECT 'three'") } }
        recording.add(Conversation.query("SELECT 'four'", answer: "x"))
        try recording.cut()
        try await until { output.withLock { $0.contains("SELECT 'four'") } }
        try recording.seal()
        #expect(try await state == .closed)
        #expect(output.withLock { $0.contains("\"type\":\"end\"") })
    }

    @concurrent private func follow(
        _ query: TimelineQuery, into output: borrowing Mutex<String>
    ) async throws -> TimelineHeading.State {
        try query.run { bytes in
            output.withLock { $0 += String(decoding: [UInt8](copying: bytes), as: UTF8.self) }
            return true
        }
    }

    // MARK: Search

    private func search(_ query: SearchQuery, _ paths: [String]) -> (found: UInt64, text: String) {
        var output: [UInt8] = []
        var failures = 0
        let found = query.run(paths) { bytes in
            output.append(bytes)
            return true
        } failed: { _, _ in
            failures += 1
        }
        #expect(failures == 0)
        return (found, String(decoding: output, as: UTF8.self))
    }

    @Test func `a text is found in statements of either case, in all recordings`() throws {
        let paths = try [recording(1).path, recording(2).path]
        let (found, text) = search(SearchQuery("select 'TWO'", format: .jsonLines), paths)
        #expect(found == 2)
        let lines = try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8).span) }
        #expect(lines.map { $0["session"] } == [1, 2])
        #expect(lines.allSatisfy { $0["type"] == "find" && $0["found"] == .array(["title"]) })
        var exact = SearchQuery("select 'TWO'", format: .jsonLines)
        exact.matchesCase = true
        #expect(search(exact, paths).found == 0)
    }

    @Test func `a text is found in rows when the streams are searched, even across records`() throws {
        let recording = try TestRecording(in: folder)
        recording.add(Conversation.login(user: "alice"))
        let turns = Conversation.query("SELECT 1", answer: String(repeating: "x", count: 2000) + "needle in row")
        for turn in turns {
            guard case .bytes(let bytes, let direction) = turn else { continue }
            for byte in bytes { recording.add(.data, direction, [byte]) }
        }
        recording.add([Conversation.terminate])
        try recording.seal()
        var query = SearchQuery("Needle", format: .jsonLines)
        #expect(search(query, [recording.path]).found == 0)
        query.searchesStreams = true
        let (found, text) = search(query, [recording.path])
        #expect(found == 1)
        #expect(text.contains("\"found\":[\"response\"]"))
        query.text = "X\u{0}\u{0}\u{0}\u{4}"
        #expect(search(query, [recording.path]).text.contains("\"kind\":\"postgres.logout\""))
    }

    // MARK: Raw

    @Test func `the raw stream is what crossed, whole or in part`() throws {
        let recording = try recording()
        let turns =
            Conversation.login(user: "alice") + Conversation.query("SELECT 'one'", answer: "first row")
            + Conversation.query("SELECT 'two'", answer: "second row")
            + Conversation.query("SELECT 'three'", answer: "third row") + [Conversation.terminate]
        for direction in Direction.allCases {
            let expected = turns.flatMap { turn -> [UInt8] in
                guard case .bytes(let bytes, direction) = turn else { return [] }
                return bytes
            }
            #expect(try raw(RawStream(recording.path, direction: direction)) == expected)
            for start in stride(from: 0, to: expected.count, by: 7) {
                let range = start..<min(expected.count, start + 40)
                let stream = RawStream(
                    recording.path, direction: direction, range: UInt64(range.lowerBound)..<UInt64(range.upperBound))
                #expect(try raw(stream) == Array(expected[range]))
            }
        }
    }

    private func raw(_ stream: RawStream) throws -> [UInt8] {
        var output: [UInt8] = []
        try stream.run { bytes in
            output.append(bytes)
            return true
        } hole: { hole in
            Issue.record("\(hole)")
        }
        return output
    }
}
