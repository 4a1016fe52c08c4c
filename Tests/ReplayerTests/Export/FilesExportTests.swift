import Glibc
import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

/// What a session carried, as files.
@Suite struct FilesExportTests {
    @Test func `copied data and long values are files, named by their SHA-256, each once`() async throws {
        let data = String(repeating: "Grace\t1\n", count: 1000)
        let value = String(repeating: "v", count: 200_000)
        let extracted = try Extracted { recording in
            recording.add(Conversation.login(user: "alice"))
            recording.add(Conversation.copy("COPY t FROM STDIN", data: data))
            recording.add(Conversation.query("SELECT long", answer: value))
            recording.add(Conversation.query("SELECT short", answer: "short"))
            recording.add(Conversation.query("SELECT long", answer: value))
            recording.add(Conversation.prepare("s", "SELECT $1"))
            recording.add(Conversation.execute("s", parameter: String(repeating: "p", count: 1024)))
        }
        let entries = try await extracted.entries()
        let kinds = entries.map { $0["kind"]?.string ?? "" }
        // The row that echoes the parameter has the same bytes.
        #expect(kinds == ["copy-in", "value", "value", "parameter", "value"])
        #expect(entries.map { $0["bytes"]?.unsigned } == [8000, 200_000, 200_000, 1024, 1024])
        #expect(entries.allSatisfy { $0["whole"] == true })
        #expect(entries[1]["facts"]?["column"]?.string == "c")
        #expect(entries[3]["facts"]?["number"]?.string == "1")
        #expect(extracted.names().count == 3)
        #expect(Repository.bytes(of: extracted.path(entries[0])) == Array(data.utf8))
        #expect(Repository.bytes(of: extracted.path(entries[1])) == Array(value.utf8))
    }

    @Test func `bodies of requests and responses are files, chunks put together`() async throws {
        let extracted = try Extracted(http: true) { recording in
            let post = "POST /up HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
            let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            recording.add([.bytes(Array(post.utf8), .clientToServer), .bytes(Array(answer.utf8), .serverToClient)])
            let get = "GET /last HTTP/1.1\r\nHost: a\r\n\r\n"
            let last = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"
            recording.add([.bytes(Array(get.utf8), .clientToServer), .bytes(Array(last.utf8), .serverToClient)])
        }
        let entries = try await extracted.entries()
        let bodies = entries.map { String(decoding: Repository.bytes(of: extracted.path($0)) ?? [], as: UTF8.self) }
        #expect(bodies == ["hello", "abcde", "until the end"])
        #expect(entries.map { $0["kind"]?.string } == ["request-body", "response-body", "response-body"])
        #expect(entries[0]["facts"]?["target"]?.string == "/up")
        #expect(entries[0]["facts"]?["content-type"]?.string == "text/plain")
    }

    @Test(arguments: [
        ("http2/post", ["request-body /index.html": "name=alice&balance=10"], 2),
        ("http2/upgraded-post", ["request-body /orders?of=today": "name=alice&balance=10"], 2),
    ])
    func `bodies of HTTP/2 are files, behind an upgrade too`(
        _ capture: String, _ expected: [String: String], _ count: Int
    ) async throws {
        let extracted = try Extracted(capture)
        let entries = try await extracted.entries()
        #expect(entries.count == count)
        #expect(entries.allSatisfy { $0["whole"] == true })
        var found: [String: String] = [:]
        for entry in entries {
            guard let target = entry["facts"]?["target"]?.string else { continue }
            let body = Repository.bytes(of: extracted.path(entry)) ?? []
            found["\(entry["kind"]?.string ?? "") \(target)"] = String(decoding: body, as: UTF8.self)
        }
        #expect(found == expected)
    }

    @Test func `streams side by side are files of their own, and those that were torn say so`() async throws {
        let sideBySide = try Extracted("http2/side-by-side")
        let entries = try await sideBySide.entries()
        #expect(entries.count == 8 && sideBySide.names().count == 1)
        #expect(entries.allSatisfy { $0["facts"]?["status"] == "200" && $0["whole"] == true })
        let torn = try await Extracted("http2/reset-midway").entries()
        #expect(torn.map { $0["whole"] } == [false])
        let behindHole = try await Extracted("http2/upgraded-with-a-hole").entries()
        #expect(behindHole.map { $0["whole"] } == [true, false])
    }

    @Test func `what the recording has no more of says so`() async throws {
        let extracted = try Extracted { recording in
            recording.add(Conversation.login(user: "alice"))
            recording.add(Array(Conversation.copy("COPY t FROM STDIN", data: "begun\n").prefix(2)))
            recording.add([.bytes(Conversation.message("d", Array("begun\n".utf8)), .clientToServer)])
            recording.add([.gap(100, .clientToServer)])
        }
        let entries = try await extracted.entries()
        #expect(entries.count == 1)
        #expect(entries.first?["whole"] == false)
        #expect(entries.first?["bytes"]?.unsigned == 6)
    }

    @Test func `a peer's names are text in the manifest, and never paths`() async throws {
        let attacks = [
            "../../../../tmp/wiretrail-broken", "/etc/passwd", "manifest.json", "unfinished-0", "a\u{0}b", "..",
            "\u{202e}",
        ]
        let extracted = try Extracted(http: true) { recording in
            for attack in attacks {
                let name = attack.filter { $0 != "\0" }
                let get = "GET /\(name.filter(\.isASCII)) HTTP/1.1\r\nHost: a\r\n\r\n"
                let answer =
                    "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"\(name)\"\r\n"
                    + "Content-Length: \(name.utf8.count)\r\n\r\n\(name)"
                recording.add([.bytes(Array(get.utf8), .clientToServer), .bytes(Array(answer.utf8), .serverToClient)])
            }
        }
        #expect(try await extracted.entries().count == attacks.count)
        for name in extracted.names() { #expect(name.utf8.count == 64 && Hex.decode(name) != nil) }
        #expect(Repository.bytes(of: "/tmp/wiretrail-broken") == nil)
    }

    @Test func `a folder or link that is there is not written to`() throws {
        let scratch = ScratchFolder()
        let recording = try TestRecording(in: scratch.path + "/recordings")
        try recording.seal()
        let export = FilesExport(RecordedSession(recording.path))
        let there = scratch.path + "/there"
        #expect(unsafe mkdir(there, 0o700) == 0)
        #expect(throws: StoreFault.self) { try export.run(into: there) }
        #expect(unsafe symlink(there, scratch.path + "/link") == 0)
        #expect(throws: StoreFault.self) { try export.run(into: scratch.path + "/link") }
        #expect(unsafe symlink(scratch.path + "/nowhere", scratch.path + "/dangling") == 0)
        #expect(throws: StoreFault.self) { try export.run(into: scratch.path + "/dangling") }
        #expect(Repository.files(in: there).isEmpty)
        try export.run(into: scratch.path + "/new")
        var status = stat()
        #expect(unsafe stat(scratch.path + "/new", &status) == 0 && status.st_mode & 0o777 == 0o700)
    }
}

/// A recording's files in a folder of their own.
private struct Extracted {
    let scratch = ScratchFolder()

    var folder: String { scratch.path + "/files" }

    init(http: Bool = false, _ fill: (TestRecording) -> Void) throws {
        let recording = try TestRecording(in: scratch.path + "/recordings") { start, _ in
            if http { start.protocolID = .http }
        }
        fill(recording)
        try recording.seal()
        try FilesExport(RecordedSession(recording.path)).run(into: folder)
    }

    /// - Parameter capture: of our fixtures, with one connection.
    init(_ capture: String) throws {
        let recordings = scratch.path + "/recordings"
        let path = Repository.root + "/fixtures/\(capture).pcap"
        _ = try CaptureImporter(state: scratch.path + "/state", recordings: recordings).run(path)
        let recording = try #require(try RecordingsFolder.recordings(below: recordings).first)
        try FilesExport(RecordedSession(recording)).run(into: folder)
    }

    /// Beside the manifest.
    func names() -> [String] {
        Repository.files(in: folder).map { String($0.dropFirst(folder.count + 1)) }.filter { $0 != "manifest.json" }
    }

    func path(_ entry: JSON) -> String { "\(folder)/\(entry["sha256"]?.string ?? "")" }

    /// The manifest's entries, once each file has been found to have the hash that is its name.
    func entries() async throws -> [JSON] {
        let manifest = try JSON.parse(#require(read(folder + "/manifest.json")))
        let entries = try #require(manifest["files"]?.array)
        for entry in entries {
            let sum = try await Command("sha256sum", [path(entry)]).output()
            #expect(sum.prefix(64) == entry["sha256"]?.string ?? "")
        }
        #expect(Set(names()) == Set(entries.compactMap { $0["sha256"]?.string }))
        return entries
    }
}
