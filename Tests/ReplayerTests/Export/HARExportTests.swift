import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

private func captures(_ folders: String...) -> [String] {
    folders.flatMap { Repository.files(in: Repository.root + "/fixtures/" + $0, endingIn: ".pcap") }
}

/// HTTP as browsers and proxies keep it.
@Suite struct HARExportTests {
    private let scratch = ScratchFolder()

    /// The truth is the timeline; mitmproxy and haralyzer have never seen our code.
    @Test func `others read the logs of all captures: the same requests, in the same order, with the same answers`()
        async throws
    {
        let (readings, told) = try await foreignReadings(of: captures("http", "mcp"))
        #expect(readings.count > 70)
        for (reading, told) in zip(readings, told) {
            #expect(reading.faults == [])
            #expect(reading.entries == reading.flows.count)
            // Calls are told in place of the requests that carried them.
            if !told.contains(where: \.isCall) { #expect(reading.requests == told.map(\.text)) }
        }
    }

    /// Entries stand in the order in which streams ended, events in the order in which they began.
    @Test func `others read the logs of all captures of HTTP/2: the same requests, with the same answers`() async throws
    {
        let (readings, told) = try await foreignReadings(of: captures("http2", "grpc"))
        #expect(readings.count > 70)
        #expect(told.reduce(0) { $0 + $1.count } > 200)
        for (reading, told) in zip(readings, told) {
            #expect(reading.faults == [])
            #expect(reading.entries == told.count)
            #expect(reading.entries == reading.flows.count)
            // Of a call the timeline tells the status of gRPC.
            if !told.contains(where: \.isCall) { #expect(reading.requests.sorted() == told.map(\.text).sorted()) }
        }
    }

    @Test func `queries, forms, cookies and times are told as the format has them`() throws {
        let entries = try entries { recording in
            let form = "name=J%C3%BCrgen+B&x=%zz"
            recording.add([
                .bytes(
                    head(
                        "POST /a?b=1%202&c HTTP/1.1", "Cookie: s=1; t=2",
                        "Content-Type: application/x-www-form-urlencoded", "Content-Length: \(form.utf8.count)")
                        + Array(form.utf8), .clientToServer),
                .bytes(
                    head(
                        "HTTP/1.1 302 Found", "Location: /b", "Content-Length: 0",
                        "Set-Cookie: s=3; Path=/; HttpOnly; Secure; SameSite=Lax; Expires=Sun, 06 Nov 1994 08:49:37 GMT"
                    ),
                    .serverToClient),
            ])
        }
        let (request, response) = (entries[0]["request"], entries[0]["response"])
        #expect(request?["url"] == "http://h/a?b=1%202&c")
        #expect(request?["queryString"] == pairs(["b": "1 2"], ["c": ""]))
        #expect(request?["postData"]?["params"] == pairs(["name": "Jürgen B"], ["x": "%zz"]))
        #expect(request?["postData"]?["text"] == "name=J%C3%BCrgen+B&x=%zz")
        #expect(request?["cookies"] == pairs(["s": "1"], ["t": "2"]))
        #expect(response?["redirectURL"] == "/b")
        #expect(
            response?["cookies"]
                == .array([
                    .object([
                        "name": "s", "value": "3", "path": "/", "httpOnly": true, "secure": true, "sameSite": "Lax",
                        "expires": "1994-11-06T08:49:37Z",
                    ])
                ]))
        #expect(entries[0]["startedDateTime"] == "2026-11-21T04:00:00.003000Z")
        #expect(entries[0]["time"] == .double(1))
        #expect(entries[0]["timings"]?["wait"] == .double(1))
        #expect(entries[0]["serverIPAddress"] == "127.0.0.1")
    }

    @Test(arguments: [1, 7, 4096]) func `contents are exact: text as text, anything else as base64`(_ size: Int) throws
    {
        let binary: [UInt8] = Array(0...255)
        let text = Array("{\"a\":\"\u{1b}[2J\u{202e}é\"}".utf8)
        let entries = try entries { recording in
            let asked = head("PUT /b HTTP/1.1", "Content-Length: 256") + binary
            let answer = head("HTTP/1.1 200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked")
            let chunk = Array("\(String(text.count, radix: 16))\r\n".utf8) + text + Array("\r\n0\r\n\r\n".utf8)
            recording.add(pieces(asked, size).map { .bytes($0, .clientToServer) })
            recording.add(pieces(answer + chunk, size).map { .bytes($0, .serverToClient) })
        }
        let sent = entries[0]["request"]?["postData"]
        #expect(sent?["text"]?.bytes == binary)
        #expect(sent?["_encoding"] == "base64")
        let content = entries[0]["response"]?["content"]
        #expect(content?["text"] == .string(String(decoding: text, as: UTF8.self)))
        #expect(content?["size"] == .integer(Int64(text.count)))
        #expect(content?["encoding"] == nil)
    }

    @Test func `a secret that is filler is said to be filler, where it stands`() throws {
        let entries = try entries { recording in
            let bytes = head("GET / HTTP/1.1", "Authorization: ******")
            let place = UInt64(bytes.count - 10)
            recording.add([.bytes(bytes, .clientToServer)])
            let note = Annotation(.redaction, .clientToServer, range: place..<place + 6, reason: "a token")
            recording.add(.note, .clientToServer, note.encoded())
            recording.add([.bytes(head("HTTP/1.1 204 No Content"), .serverToClient)])
        }
        let headers = entries[0]["request"]?["headers"]?.array ?? []
        #expect(headers.map { $0["comment"] } == [nil, "redacted: a token"])
    }

    @Test func `a decision that is noted behind the answer stands in the entry`() throws {
        let entries = try entries { recording in
            let asked = head("GET / HTTP/1.1")
            recording.add([
                .bytes(asked, .clientToServer),
                .bytes(head("HTTP/1.1 403 Forbidden", "Content-Length: 0"), .serverToClient),
            ])
            let note = Annotation(.refused, .clientToServer, range: 0..<UInt64(asked.count), reason: "no-reads")
            recording.add(.note, .clientToServer, note.encoded())
        }
        #expect(entries[0]["comment"] == "refused: no-reads")
    }

    @Test func `messages of a WebSocket are told as Chromium does, and go on in a further entry when they are many`()
        throws
    {
        let entries = try entries { recording in
            recording.add([
                .bytes(
                    head(
                        "GET /chat HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), .clientToServer),
                .bytes(
                    head(
                        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), .serverToClient),
                .bytes([0x81, 0x82, 0, 0, 0, 0] + Array("hi".utf8), .clientToServer),
                .bytes([0x82, 2, 0xff, 0], .serverToClient),
            ])
            let long = [0x82, 127, 0, 0, 0, 0, 0, 16, 0, 0] + [UInt8](repeating: 1, count: 1 << 20)
            for _ in 0..<5 {
                for piece in pieces(long, 1 << 19) {
                    recording.add([.bytes(piece, .serverToClient)])
                    try recording.cut()
                }
            }
        }
        let messages = entries.map { $0["_webSocketMessages"]?.array ?? [] }
        #expect(messages.map(\.count) == [5, 2])
        #expect(messages[0][0]["data"] == "hi" && messages[0][0]["type"] == "send" && messages[0][0]["opcode"] == 1)
        #expect(messages[0][1]["data"] == "/wA=" && messages[0][1]["type"] == "receive")
        #expect(entries[0]["request"]?["url"] == "ws://h/chat")
        #expect(entries[0]["comment"] == "the next entry with the same request has further messages")
    }

    @Test func `a content that is too long is counted and left out, and what follows is told`() throws {
        let entries = try entries { recording in
            recording.add([
                .bytes(head("GET /long HTTP/1.1"), .clientToServer),
                .bytes(head("HTTP/1.1 200 OK", "Content-Length: \(10 << 20)"), .serverToClient),
            ])
            for _ in 0..<10 {
                let long = [UInt8](repeating: 65, count: 1 << 20)
                for piece in pieces(long, 1 << 19) {
                    recording.add([.bytes(piece, .serverToClient)])
                    try recording.cut()
                }
            }
            recording.add([
                .bytes(head("GET /next HTTP/1.1"), .clientToServer),
                .bytes(head("HTTP/1.1 200 OK", "Content-Length: 2") + Array("ok".utf8), .serverToClient),
            ])
        }
        let content = entries[0]["response"]?["content"]
        #expect(content?["text"] == nil && content?["size"] == .integer(10 << 20))
        #expect(content?["comment"] == "too long for this file: the export of files has it")
        #expect(entries[1]["response"]?["content"]?["text"] == "ok")
    }

    @Test func `what cannot be read, and what was not answered, is said`() throws {
        let (entries, comment) = try log { recording in
            recording.add([
                .bytes(head("GET /1 HTTP/1.1"), .clientToServer),
                .bytes(Array("no HTTP at all\r\n\r\n".utf8), .serverToClient),
            ])
        }
        #expect(entries.count == 1)
        #expect(entries[0]["response"]?["status"] == 0)
        #expect(entries[0]["response"]?["comment"] == "no response was recorded")
        #expect(entries[0]["comment"]?.string?.hasPrefix("the connection cannot be read further: ") == true)
        #expect(comment.contains("secrets that the gateway redacted are filler"))
    }

    // MARK: HTTP/2

    @Test func `requests of HTTP/2 have their pseudo-header fields, contents and trailers`() throws {
        let upload = try entries(of: "http2/post")[0]
        #expect(upload["request"]?["httpVersion"] == "HTTP/2")
        #expect(upload["request"]?["url"]?.string?.hasPrefix("http://") == true)
        #expect(upload["request"]?["postData"]?["text"] == "name=alice&balance=10")
        #expect(upload["request"]?["headers"]?.array?.first?["name"] == ":method")
        #expect(upload["request"]?["headersSize"] == -1)
        let trailers = try entries(of: "http2/response-trailers")[0]["response"]?["_trailers"]?.array ?? []
        #expect(trailers.map { $0["name"] } == ["x-checksum"])
        let call = try entries(of: "grpc/unary")[0]
        #expect(call["request"]?["postData"]?["_encoding"] == "base64")
        #expect(call["response"]?["_trailers"]?.array?.contains { $0["name"] == "grpc-status" } == true)
    }

    @Test func `streams that were promised, reset or torn by a hole say so`() throws {
        let pushed = try entries(of: "http2/push").compactMap { $0["comment"]?.string }
        #expect(pushed == ["promised by the server on stream 13"])
        let reset = try entries(of: "http2/rapid-reset")
        #expect(reset.count == 50)
        #expect(reset.allSatisfy { $0["comment"] == "reset by the client: CANCEL" && $0["response"]?["status"] == 0 })
        let torn = try entries(of: "http2/with-a-hole").filter { $0["comment"] != nil }
        #expect(torn.count == 4)
        #expect(
            torn.allSatisfy {
                $0["comment"] == "bytes of the connection are missing from the recording, maybe of this"
            })
    }

    @Test func `a connection that goes over to HTTP/2 is told to its end, with what it was asked before`() throws {
        let entries = try entries(of: "http2/upgraded-post")
        #expect(entries.map { $0["response"]?["status"] } == [101, 200])
        #expect(entries.map { $0["request"]?["httpVersion"] } == ["HTTP/1.1", "HTTP/1.1"])
        #expect(entries[1]["response"]?["httpVersion"] == "HTTP/2")
        #expect(entries[1]["request"]?["postData"]?["text"] == "name=alice&balance=10")
        #expect(entries[1]["comment"] == "asked with HTTP/1.1, before the connection went over to HTTP/2")
    }

    @Test func `secrets that an import has left out of header blocks are said to be left out`() throws {
        let entries = try entries(of: "http2/upgraded-with-credentials")
        let comments = entries.compactMap { $0["comment"]?.string }.filter { $0.contains("redacted: ") }
        #expect(!comments.isEmpty)
        #expect(!entries.map(\.text).joined().contains("Basic YWxp"))
    }

    @Test func `a session of another protocol has no place in the format`() throws {
        let recording = try TestRecording(in: scratch.path)
        try recording.seal()
        #expect(try HARExport(RecordedSession(recording.path)).otherProtocol() == .postgres)
    }

    // MARK: Making and reading

    /// Of the first connection of a capture among our fixtures.
    private func entries(of capture: String) throws -> [JSON] {
        let recordings = "\(scratch.path)/\(capture.replacing("/", with: "-"))"
        let path = Repository.root + "/fixtures/\(capture).pcap"
        _ = try CaptureImporter(state: scratch.path + "/state", recordings: recordings).run(path)
        let recording = try #require(try RecordingsFolder.recordings(below: recordings).first)
        let file = try JSON.parse(String(decoding: export(RecordedSession(recording)), as: UTF8.self))
        return try #require(file["log"]?["entries"]?.array)
    }

    private func entries(_ fill: (TestRecording) throws -> Void) throws -> [JSON] { try log(fill).entries }

    private func log(_ fill: (TestRecording) throws -> Void) throws -> (entries: [JSON], comment: String) {
        let recording = try TestRecording(in: scratch.path) { start, _ in start.protocolID = .http }
        try fill(recording)
        try recording.seal()
        let file = try JSON.parse(String(decoding: export(RecordedSession(recording.path)), as: UTF8.self))
        let log = try #require(file["log"])
        return (try #require(log["entries"]?.array), log["comment"]?.string ?? "")
    }

    private func export(_ session: RecordedSession) throws -> [UInt8] {
        var output: [UInt8] = []
        try HARExport(session).run { bytes in
            output.append(bytes)
            return true
        }
        return output
    }

    private func head(_ lines: String...) -> [UInt8] {
        let isRequest = !lines[0].hasPrefix("HTTP")
        return Array(
            (([lines[0]] + (isRequest ? ["Host: h"] : []) + lines.dropFirst() + ["", ""]).joined(separator: "\r\n"))
                .utf8)
    }

    private func pieces(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    private func pairs(_ pairs: [String: String]...) -> JSON {
        .array(pairs.flatMap { $0.map { .object(["name": .string($0.key), "value": .string($0.value)]) } })
    }

    /// What others read of all connections in the captures, and what our timelines tell.
    private func foreignReadings(of captures: [String]) async throws -> ([ForeignReading], told: [[Told]]) {
        let state = scratch.path + "/state", recordings = scratch.path + "/recordings"
        for capture in captures { _ = try? CaptureImporter(state: state, recordings: recordings).run(capture) }
        var logs: [String] = []
        var told: [[Told]] = []
        for path in try RecordingsFolder.recordings(below: recordings) {
            guard try HARExport(RecordedSession(path)).otherProtocol() == nil else { continue }
            logs.append("\(scratch.path)/\(logs.count).har")
            try write(String(decoding: try export(RecordedSession(path)), as: UTF8.self), to: logs[logs.count - 1])
            told.append(try requests(path))
        }
        let readings = try await ForeignReading.of(logs)
        #expect(readings.count == logs.count)
        return (readings, told)
    }

    /// "GET /a 200" of each request in the timeline.
    private struct Told {
        var text: String
        /// A call of gRPC, MCP or JSON-RPC, or a message of one, that is told in place of a request.
        var isCall: Bool
    }

    private func requests(_ path: String) throws -> [Told] {
        var output: [UInt8] = []
        try TimelineQuery(path, format: .jsonLines).run { bytes in
            output.append(bytes)
            return true
        }
        let events = try String(decoding: output, as: UTF8.self).split(separator: "\n").map {
            try JSON.parse(String($0))
        }
        return events.compactMap { event in
            let kind = event["kind"]?.string ?? ""
            if ["mcp.", "jsonrpc.", "grpc."].contains(where: kind.hasPrefix) { return Told(text: kind, isCall: true) }
            guard kind == "http.request" || kind == "http2.request" else { return nil }
            // "OPTIONS *" has a target URI without a path (RFC 9112 §3.3).
            let title = event["title"]?.string?.replacing(" *", with: " /") ?? ""
            let asked = title.hasPrefix("(asked before") ? " /" : title
            return Told(text: "\(asked) \(event["fields"]?["status"]?.integer ?? 0)", isCall: false)
        }
    }
}

/// What programs that others wrote read of a log; Tests/Clients/har_reader.py says which.
private struct ForeignReading {
    let faults: [String]
    let entries: Int
    let flows: [JSON]

    static func of(_ logs: [String]) async throws -> [ForeignReading] {
        let python = Repository.root + "/.build/venv-har/bin/python"
        let script = Repository.root + "/Tests/Clients/har_reader.py"
        return try await Command(python, [script] + logs).output(timeoutSeconds: 300).split(separator: "\n").map {
            line in
            let reading = try JSON.parse(String(line))
            return ForeignReading(
                faults: reading["faults"]?.array?.compactMap(\.string) ?? ["no list of faults"],
                entries: Int(reading["entries"]?.integer ?? -1), flows: reading["flows"]?.array ?? [])
        }
    }

    /// "GET /a 200".
    var requests: [String] {
        flows.map { flow in
            let url = flow["url"]?.string ?? ""
            let path = url.contains("://") ? "/" + url.split(separator: "/", maxSplits: 2).dropFirst(2).joined() : url
            return "\(flow["method"]?.string ?? "") \(path) \(flow["status"]?.integer ?? -1)"
        }
    }
}
