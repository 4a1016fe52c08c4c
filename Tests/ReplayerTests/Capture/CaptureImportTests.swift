import Adapters
import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

@Suite struct CaptureImportTests {
    private let scratch = ScratchFolder()

    private func timeline(_ path: String) throws -> [JSON] {
        var output: [UInt8] = []
        try TimelineQuery(path, format: .jsonLines).run { bytes in
            output.append(bytes)
            return true
        }
        return try output.split(separator: UInt8(ascii: "\n")).map { try JSON.parse(Array($0).span) }
    }

    @Test func `an imported connection is told as it is decoded, names its capture, and verifies`() async throws {
        let capture = Repository.root + "/fixtures/postgres/cancel.pcap"
        let importer = CaptureImporter(state: scratch.path + "/state", recordings: scratch.path + "/recordings")
        let outcome = try importer.run(capture)
        #expect(outcome.recordings.count == 2)
        let file = try #require(Repository.bytes(of: capture))
        let digest = SHA256.hash(file.span)
        #expect(outcome.sha256 == digest)
        let paths = try RecordingsFolder.recordings(below: scratch.path + "/recordings")
        for (flow, path) in paths.enumerated() {
            var filter = DecodeFilter()
            filter.flows = [UInt64(flow)]
            let lines = try await decoded(capture, filter: filter).lines
            let told = try timeline(path)
            let expected = lines.compactMap { $0["title"]?.string }
            let titles = told.filter { $0["kind"] != "redaction" }.compactMap { $0["title"]?.string }
            #expect(titles == expected + ["ended: nothing more of it was captured"])
            #expect(told.first?["imported"]?["file"] == "cancel.pcap")
            #expect(told.first?["imported"]?["flow"] == .unsigned(UInt64(flow)))
            #expect(told.first?["imported"]?["sha256"] == .string(Hex.encode(outcome.sha256)))
            #expect(told.last?["state"] == "closed")
        }
    }

    // MARK: Secrets

    /// A recording's bytes of both directions, its redactions, and why all its notes were made.
    private typealias Imported = (
        streams: [Direction: [UInt8]], redactions: [Direction: [Range<UInt64>]], notes: [String]
    )

    private func imported(_ capture: String, keepsSecrets: Bool = false) throws -> Imported {
        let folder = ScratchFolder()
        var importer = CaptureImporter(state: folder.path + "/state", recordings: folder.path + "/recordings")
        importer.keepsSecrets = keepsSecrets
        _ = try importer.run(capture)
        var streams: [Direction: [UInt8]] = [:]
        var redactions: [Direction: [Range<UInt64>]] = [:]
        var notes: [String] = []
        for path in try RecordingsFolder.recordings(below: folder.path + "/recordings") {
            try RecordingReader(path).forEachRecord { header, payload, _ in
                if header.type == .data, let direction = header.direction {
                    streams[direction, default: []] += [UInt8](copying: payload)
                }
                if header.type == .note, let note = try? Annotation(header, payload) {
                    notes.append(note.reason)
                    if note.kind == .redaction { redactions[note.direction, default: []].append(note.range) }
                }
                return true
            }
        }
        return (streams, redactions, notes)
    }

    /// Of a capture of these packets.
    private func imported(_ packets: [TCPScript.Packet]) throws -> Imported {
        let folder = ScratchFolder()
        let path = folder.path + "/script.pcap"
        var writer = CaptureWriter()
        writer.append(packets)
        try write(writer.bytes, to: path)
        return try imported(path)
    }

    @Test(arguments: [
        ("postgres/login-cleartext", 1, 1), ("postgres/login-md5", 1, 1), ("postgres/login-scram", 2, 2),
        ("postgres/cancel", 1, 1), ("http/basic-login", 1, 0), ("http/cookies", 1, 1),
    ])
    func `secrets of a capture are filler in its recordings, and all else is as it was`(
        _ name: String, _ fromClient: Int, _ fromServer: Int
    ) throws {
        let capture = "\(Repository.root)/fixtures/\(name).pcap"
        let (plain, none, said) = try imported(capture, keepsSecrets: true)
        #expect(none.isEmpty && said.contains("imported with the secrets that were captured"))
        let (redacted, ranges, _) = try imported(capture)
        #expect(ranges[.clientToServer]?.count == fromClient)
        #expect(ranges[.serverToClient]?.count ?? 0 == fromServer)
        // Of several flows each counts from 0: those without secrets are alike.
        guard name != "postgres/cancel" else { return }
        for direction in Direction.allCases {
            var expected = plain[direction] ?? []
            for range in ranges[direction] ?? [] {
                for offset in range { expected[Int(offset)] = UInt8(ascii: "*") }
            }
            #expect(redacted[direction] == expected)
            #expect(redacted[direction]?.count == plain[direction]?.count)
        }
    }

    @Test func `a compressed credential is filler, and the call is told as it was`() throws {
        let capture = Repository.root + "/fixtures/grpc/bearer-token.pcap"
        func call(keepsSecrets: Bool) throws -> [String: JSON] {
            let folder = ScratchFolder()
            var importer = CaptureImporter(state: folder.path + "/state", recordings: folder.path + "/recordings")
            importer.keepsSecrets = keepsSecrets
            _ = try importer.run(capture)
            let path = try #require(try RecordingsFolder.recordings(below: folder.path + "/recordings").first)
            let call = try timeline(path).first { $0["kind"]?.string == "grpc.call" }
            guard case .object(let fields)? = call?["fields"] else { return [:] }
            return fields
        }
        let told = try call(keepsSecrets: true)
        #expect(try told == call(keepsSecrets: false) && "\(told)".contains("(19 bytes, not shown)"))
        let (plain, _, _) = try imported(capture, keepsSecrets: true)
        let (redacted, ranges, _) = try imported(capture)
        #expect(ranges[.clientToServer]?.count == 1 && ranges[.serverToClient] == nil)
        #expect(redacted[.serverToClient] == plain[.serverToClient])
        let range = try #require(ranges[.clientToServer]?.first)
        let (sent, kept) = (try #require(redacted[.clientToServer]), try #require(plain[.clientToServer]))
        let changed = zip(sent, kept).enumerated().filter { $1.0 != $1.1 }.map { UInt64($0.offset) }
        #expect(sent.count == kept.count && !changed.isEmpty && changed.allSatisfy(range.contains))
        let texts = [sent, kept].map { String(decoding: $0, as: UTF8.self) }
        #expect(texts[0].contains("Bearer ************") && texts[1].contains("Bearer not-a-secret"))
    }

    /// The first request has its credential in HTTP/1.1, the second one in a header block.
    @Test func `credentials are filler before and behind an upgrade to HTTP/2`() throws {
        let capture = Repository.root + "/fixtures/http2/upgraded-with-credentials.pcap"
        let (plain, none, _) = try imported(capture, keepsSecrets: true)
        let (redacted, ranges, _) = try imported(capture)
        #expect(none.isEmpty && ranges[.clientToServer]?.count == 2 && ranges[.serverToClient] == nil)
        #expect(redacted[.serverToClient] == plain[.serverToClient])
        let (sent, kept) = (try #require(redacted[.clientToServer]), try #require(plain[.clientToServer]))
        let changed = zip(sent, kept).enumerated().filter { $1.0 != $1.1 }.map { UInt64($0.offset) }
        let hidden = try #require(ranges[.clientToServer])
        #expect(sent.count == kept.count && changed.allSatisfy { place in hidden.contains { $0.contains(place) } })
        #expect(hidden.allSatisfy { range in changed.contains { range.contains($0) } })
    }

    /// A hole behind the upgrade, with what looks like a field behind it.
    @Test func `of what follows an upgrade to HTTP/2 nothing stays that cannot be read`() throws {
        let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
        var script = TCPScript()
        script.handshake()
        let ask =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings:\r\n\r\n"
        script.say(Array(ask.utf8), .lower)
        let agreed = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        script.say(Array(agreed.utf8) + settings, .higher)
        let hello = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings
        script.say(hello, .lower)
        let lost = Array("lost".utf8)
        script.say(lost, .lower)
        script.say(Array("authorization: tOp53cret".utf8), .lower)
        let (streams, _, _) = try imported(script.packets.filter { $0.payload != lost })
        #expect(streams[.clientToServer] == Array(ask.utf8) + hello + [UInt8](repeating: UInt8(ascii: "*"), count: 24))
        #expect(streams[.serverToClient] == Array(agreed.utf8) + settings)
    }

    @Test(arguments: [1, 1000])
    func `of HTTP/2 nothing stays that cannot be read`(_ size: Int) throws {
        let (settings, lost): ([UInt8], [UInt8]) = ([0, 0, 0, 4, 0, 0, 0, 0, 0], Array("lost".utf8))
        var script = TCPScript()
        script.handshake()
        script.say(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings, .lower, segment: size)
        script.say(settings, .higher, segment: size)
        script.say(lost, .lower)
        script.say(Array("authorization: tOp53cret".utf8), .lower, segment: size)
        script.say(Array("tOp53cret".utf8), .lower, segment: size)
        let (streams, _, _) = try imported(script.packets.filter { $0.payload != lost })
        let sent = try #require(streams[.clientToServer])
        #expect(sent.count == 33 + 33 && sent[33...].allSatisfy { $0 == UInt8(ascii: "*") })
        #expect(streams[.serverToClient] == settings)
    }

    @Test(arguments: [1, 3, 1000], [false, true])
    func `secrets are found however they were cut, in statements and in what is said of them, and before a hole`(
        _ size: Int, _ isCutShort: Bool
    ) throws {
        var script = TCPScript()
        script.handshake()
        func message(_ tag: Character, _ text: String) -> [UInt8] { Conversation.message(tag, Conversation.text(text)) }
        for case .bytes(let bytes, let direction) in Conversation.login(user: "ada") {
            script.say(bytes, direction == .clientToServer ? .lower : .higher, segment: size)
        }
        script.say(message("Q", "ALTER ROLE ada PASSWORD 'tOp53cret'"), .lower, segment: size)
        let complaint = Conversation.message(
            "E",
            [UInt8(ascii: "S")] + Conversation.text("ERROR") + [UInt8(ascii: "M")]
                + Conversation.text("what is tOp53cret?") + [0])
        script.say(complaint + Conversation.ready, .higher, segment: size)
        let last = message("Q", "CREATE ROLE bob PASSWORD 'tOp53cret'")
        script.say(isCutShort ? Array(last.dropLast(4)) : last, .lower, segment: size)
        let (streams, ranges, _) = try imported(script.packets)
        #expect(ranges[.clientToServer]?.count == 2 && ranges[.serverToClient]?.count == 1)
        for bytes in streams.values {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("tOp53"))
        }
    }

    @Test(arguments: [1, 1000], [false, true])
    func `credentials in the query of a target are left out, whole or cut short`(_ size: Int, _ isCutShort: Bool) throws
    {
        var script = TCPScript()
        script.handshake()
        let end = isCutShort ? "" : " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        script.say(Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8), .lower, segment: size)
        script.say(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8), .higher, segment: size)
        script.say(Array("GET /b?x=1&access_token=tOp53cret\(end)".utf8), .lower, segment: size)
        let (streams, ranges, _) = try imported(script.packets)
        #expect(ranges[.clientToServer]?.count == 1)
        let sent = String(decoding: streams[.clientToServer] ?? [], as: UTF8.self)
        #expect(sent.hasSuffix("GET /b?x=1&access_token=*********\(end)"))
    }

    @Test(arguments: [1, 1000], [false, true])
    func `so are those in the query of a reference`(_ size: Int, _ isCutShort: Bool) throws {
        var script = TCPScript()
        script.handshake()
        let end = isCutShort ? "" : "\r\n\r\n"
        script.say(
            Array("GET /a HTTP/1.1\r\nHost: a\r\nReferer: https://a/?token=tOp53cret#b\r\n\r\n".utf8), .lower,
            segment: size)
        script.say(
            Array("HTTP/1.1 204 No Content\r\nLocation: /b#x=1&access_token=tOp53cret\(end)".utf8), .higher,
            segment: size)
        let (streams, ranges, _) = try imported(script.packets)
        #expect(ranges[.clientToServer]?.count == 1 && ranges[.serverToClient]?.count == 1)
        let (sent, received) = (streams[.clientToServer] ?? [], streams[.serverToClient] ?? [])
        #expect(String(decoding: sent, as: UTF8.self).hasSuffix("?token=*********#b\r\n\r\n"))
        #expect(String(decoding: received, as: UTF8.self).hasSuffix("/b#x=1&access_token=*********\(end)"))
    }
}
