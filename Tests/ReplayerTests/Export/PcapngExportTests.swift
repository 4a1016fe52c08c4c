import Protocols
import Recorder
import Replayer
import Testing
import WireTestKit

private let captures = Repository.files(in: Repository.root + "/fixtures/postgres", endingIn: ".pcap")

/// What Wireshark makes of our captures.
@Suite struct PcapngExportTests {
    /// The oracle never saw our export: it reads the capture that real clients and servers made.
    @Test(arguments: captures)
    func `Wireshark reads the same messages as in the original capture`(_ path: String) async throws {
        let original = WiresharkReading(path: path)
        let conversations = try await Capture(path: path, serverPorts: ["5432"]).conversations()
        for (stream, turns) in conversations.enumerated() {
            let export = try ExportedCapture { $0.add(turns) }
            let exported = WiresharkReading(path: export.path)
            #expect(try await exported.messages(ofStream: 0) == original.messages(ofStream: stream))
            #expect(try await exported.complaints() == "")
            let streams = try await Capture(path: export.path, serverPorts: ["5432"]).conversations()
            #expect(streams.count == 1)
            #expect(Self.bytes(streams[0]) == Self.bytes(turns))
        }
    }

    @Test func `long streams have right sequence numbers, acknowledgements and checksums, in IPv6, too`() async throws {
        for client in ["127.0.0.1:50000", "[2001:db8::7]:50000", "unix"] {
            let export = try ExportedCapture(client: client) { recording in
                for _ in 0..<40 {
                    recording.add(Conversation.query("SELECT 1", answer: String(repeating: "x", count: 99_999)))
                    try recording.cut()
                }
            }
            let reading = WiresharkReading(path: export.path)
            #expect(try await reading.complaints() == "")
            let messages = try await reading.messages(ofStream: 0)
            #expect(messages[.clientToServer]?.count == 40)
            #expect(messages[.serverToClient]?.count == 160)
        }
    }

    @Test func `who called, notes and holes are comments, and a hole is one in the sequence numbers`() async throws {
        let secret = Annotation(
            .redaction, .clientToServer, range: 25..<31, reason: "a password\u{1b}[2J, as \u{202e}filler")
        let export = try ExportedCapture { recording in
            recording.add(Conversation.query("SELECT 1", answer: "1"))
            recording.add(.note, .clientToServer, secret.encoded())
            recording.add([.gap(1000, .serverToClient)])
            recording.add(Conversation.query("SELECT 2", answer: "2"))
        }
        let reading = WiresharkReading(path: export.path)
        let comments = try await reading.fields("frame.comment", where: "frame.comment")
        #expect(
            comments == [
                "alice, proven by peer-uid",
                "redaction, bytes 25..<31 from the client: a password\\x1b[2J, as \\u{202e}filler,"
                    + "1000 bytes from the server missing: test",
            ])
        #expect(try await reading.fields("tcp.analysis.lost_segment", where: "tcp.analysis.lost_segment").count == 1)
        let gaps = try await reading.fields("tcp.seq", where: "tcp.analysis.lost_segment")
        let before = try await reading.fields("tcp.nxtseq", where: "tcp.srcport == 5432 && tcp.len > 0")
        #expect(try UInt64(#require(gaps.first)) == UInt64(try #require(before.first)).map { $0 + 1000 })
    }

    @Test func `behind an answered SSLRequest Wireshark reads what TLS carried`() async throws {
        let request: [UInt8] = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]
        let turns =
            [.bytes(request, .clientToServer), .bytes([UInt8(ascii: "S")], .serverToClient)]
            + Conversation.login(user: "alice") + Conversation.query("SELECT 1", answer: "1")
        let export = try ExportedCapture(tls: "TLSv1.3") { $0.add(turns) }
        let reading = WiresharkReading(path: export.path)
        let messages = try await reading.messages(ofStream: 0)
        #expect(messages[.clientToServer]?.map(\.type) == ["SSL request", "Startup message", "Simple query"])
        let comments = try await reading.fields("frame.comment", where: "frame.comment")
        #expect(comments.contains { $0.contains("the server answered “S”: TLS") })
    }

    @Test func `a recording that was not closed leaves its connection open`() async throws {
        let export = try ExportedCapture(seals: false) { $0.add(Conversation.query("SELECT 1", answer: "1")) }
        let reading = WiresharkReading(path: export.path)
        #expect(try await reading.fields("tcp.flags", where: "tcp.flags.fin == 1").isEmpty)
        #expect(try await reading.fields("frame.comment", where: "frame.comment").last?.contains("ends here") == true)
    }

    @Test func `an export never replaces a file, and leaves none that is not whole`() throws {
        let folder = ScratchFolder()
        try write("mine", to: folder.path + "/there")
        #expect(throws: StoreFault.self) { _ = try ExportFile(folder.path + "/there") }
        #expect(read(folder.path + "/there") == "mine")
        do { _ = try ExportFile(folder.path + "/begun") }
        #expect(Repository.bytes(of: folder.path + "/begun") == nil)
    }

    private static func bytes(_ turns: [WireTurn]) -> [Direction: [UInt8]] {
        var bytes: [Direction: [UInt8]] = [:]
        for case .bytes(let piece, let direction) in turns { bytes[direction, default: []] += piece }
        return bytes
    }
}

/// A recording, exported to a capture in a folder of its own.
private struct ExportedCapture {
    let folder = ScratchFolder()
    let path: String

    init(
        client: String = "127.0.0.1:50000", tls: String? = nil, seals: Bool = true,
        _ fill: (TestRecording) throws -> Void
    ) throws {
        let recording = try TestRecording(in: folder.path + "/recordings") { start, _ in
            start.client = client
            start.tls = tls
        }
        try fill(recording)
        if seals { try recording.seal() } else { try recording.cut() }
        path = folder.path + "/export.pcapng"
        try CaptureExport(RecordedSession(recording.path)).write(to: path)
    }
}

/// What tshark says of a capture.
private struct WiresharkReading {
    struct Message: Equatable {
        let type: String
        let length: String
    }

    let path: String

    func messages(ofStream stream: Int) async throws -> [Direction: [Message]] {
        let lines = try await fields(
            "tcp.srcport", "pgsql.type", "pgsql.length", where: "pgsql && tcp.stream == \(stream)")
        var messages: [Direction: [Message]] = [:]
        for line in lines {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            let found = zip(fields[1].split(separator: ","), fields[2].split(separator: ","))
                .map { Message(type: String($0), length: String($1)) }
            messages[fields[0] == "5432" ? .serverToClient : .clientToServer, default: []] += found
        }
        return messages
    }

    /// Packets that Wireshark finds anything wrong with.
    func complaints() async throws -> String {
        let wrong = "tcp.analysis.flags || _ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0"
        return try await tshark(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", wrong])
    }

    func fields(_ names: String..., where filter: String) async throws -> [String] {
        let words = ["-Y", filter, "-T", "fields", "-E", "separator=|"] + names.flatMap { ["-e", $0] }
        return try await tshark(words).split(separator: "\n").map(String.init)
    }

    private func tshark(_ words: [String]) async throws -> String {
        try await Command("tshark", ["-r", path] + words).output()
    }
}
