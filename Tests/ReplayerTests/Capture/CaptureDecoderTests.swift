import Protocols
import Replayer
import Testing
import WireTestKit

/// What `wiretrail decode --json` prints of a file.
func decoded(
    _ path: String, shards: Int = 2, filter: DecodeFilter = DecodeFilter(), selection: EventSelection = .everything
) async throws -> (lines: [JSON], failure: CaptureFailure?) {
    var decoder = CaptureDecoder(format: .jsonLines)
    decoder.shards = shards
    decoder.filter = filter
    decoder.context.selection = selection
    var output: [UInt8] = []
    let failure = try await decoder.run(path) { bytes in
        output.append(bytes)
        return true
    }
    let lines = try output.split(separator: UInt8(ascii: "\n")).map { try JSON.parse(Array($0).span) }
    return (lines, failure)
}

private func titles(_ lines: [JSON]) -> [String] { lines.compactMap { $0["title"]?.string } }

private let postgres: TCPScript = {
    var script = TCPScript()
    script.handshake()
    let login = Array("user".utf8) + [0] + Array("ada".utf8) + [0, 0]
    script.say([0, 0, 0, UInt8(8 + login.count), 0, 3, 0, 0] + login, .lower)
    script.say([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49], .higher)
    script.say(Array("Q".utf8) + [0, 0, 0, 13] + Array("SELECT 1".utf8) + [0], .lower, segment: 5)
    script.say(Array("C".utf8) + [0, 0, 0, 13] + Array("SELECT 0".utf8) + [0, 0x5a, 0, 0, 0, 5, 0x49], .higher)
    script.finish(.lower)
    script.finish(.higher)
    return script
}()

@Suite struct CaptureDecoderTests {
    private let scratch = ScratchFolder()

    private func file(_ bytes: [UInt8], _ name: String = "x.pcap") throws -> String {
        try write(bytes, to: scratch.path + "/" + name)
        return scratch.path + "/" + name
    }

    @Test(arguments: CaptureWriter.Link.allCases, [false, true])
    func `the same is told whatever the link layer`(_ link: CaptureWriter.Link, _ isVLAN: Bool) async throws {
        var writer = CaptureWriter(.pcapLittle, link, isVLAN: isVLAN)
        writer.append(postgres.packets)
        let (lines, failure) = try await decoded(try file(writer.bytes))
        #expect(failure == nil)
        #expect(titles(lines) == ["ada to database ada", "SELECT 1"])
        let statement = lines.first { $0["title"] == "SELECT 1" }
        #expect(statement?["requestPackets"] == .array([8, 10]))
        #expect(lines.last?["unreadable"] == 0)
    }

    @Test func `gzip is unpacked, and what is cut off is told after what came before`() async throws {
        var writer = CaptureWriter()
        writer.append(postgres.packets)
        let plain = try file(writer.bytes)
        _ = try await Command("gzip", ["-k", plain]).output()
        let (lines, failure) = try await decoded(plain + ".gz")
        #expect(failure == nil)
        #expect(titles(lines) == ["ada to database ada", "SELECT 1"])
        let packed = try #require(Repository.bytes(of: plain + ".gz"))
        let cut = try await decoded(try file(packed.dropLast(20), "cut.gz"))
        #expect(cut.failure == .damagedCompression(path: scratch.path + "/cut.gz"))
        let short = try await decoded(try file(writer.bytes.dropLast(10), "short.pcap"))
        guard case .format(_, let fault)? = short.failure else {
            Issue.record("a capture that ends within a packet was read as if it were whole")
            return
        }
        #expect(fault.code == .truncated)
        #expect(titles(short.lines) == ["ada to database ada", "SELECT 1"])
    }

    @Test func `what is told does not depend on how many threads tell it`() async throws {
        for path in Repository.files(in: Repository.root + "/fixtures/postgres", endingIn: ".pcap") {
            let alone = try await decoded(path, shards: 1).lines
            #expect(try await decoded(path, shards: 7).lines == alone, "\(path)")
        }
    }

    @Test func `filters leave lines out`() async throws {
        let path = Repository.root + "/fixtures/postgres/cancel.pcap"
        var filter = DecodeFilter()
        filter.flows = [1]
        let lines = try await decoded(path, filter: filter).lines
        #expect(titles(lines) == ["cancel what process 17287 is running"])
        filter.flows = []
        filter.protocols = ["http"]
        #expect(titles(try await decoded(path, filter: filter).lines) == [])
    }

    @Test func `chosen facts stand on one line per event, with tabs between them`() async throws {
        let names = "flow,event,protocol,title,outcome,code,tag,rows,nothing,request,requestPackets"
        var decoder = CaptureDecoder(format: .fields(names.split(separator: ",").map { EventColumn(String($0)) }))
        decoder.filter.flows = [0]
        var writer = CaptureWriter()
        writer.append(postgres.packets)
        var output: [UInt8] = []
        _ = try await decoder.run(try file(writer.bytes)) { bytes in
            output.append(bytes)
            return true
        }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        #expect(
            lines == [
                "0\t1\tpostgres\tada to database ada\tsucceeded\t\t\t\t\t0-18\t4-4",
                "0\t2\tpostgres\tSELECT 1\tsucceeded\t\tSELECT 0\t0\t\t18-32\t8-10",
            ])
    }

    @Test func `what would break a line is an escape`() async throws {
        var script = TCPScript()
        script.handshake()
        script.say(Array("GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\tc\r\n\r\n".utf8), .lower)
        script.say(Array("HTTP/1.1 204 None\r\n\r\n".utf8), .higher)
        var writer = CaptureWriter()
        writer.append(script.packets)
        var output: [UInt8] = []
        _ = try await CaptureDecoder(format: .fields([EventColumn("title"), EventColumn("userAgent")])).run(
            try file(writer.bytes)
        ) { bytes in
            output.append(bytes)
            return true
        }
        #expect(String(decoding: output, as: UTF8.self) == "GET /a\tb\\tc\n")
    }

    @Test func `flows that hold too much of what is not whole end, and the others go on`() async throws {
        var script = TCPScript()
        script.handshake()
        let login = Array("user".utf8) + [0] + Array("ada".utf8) + [0, 0]
        script.say([0, 0, 0, UInt8(8 + login.count), 0, 3, 0, 0] + login, .lower)
        script.say([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49], .higher)
        // The first 100,000 bytes of a Query of 900,000.
        let query = Array("Q".utf8) + [0, 0x0d, 0xbb, 0xa0] + [UInt8](repeating: 0x20, count: 99_995)
        script.say(query, .lower, segment: 10_000)
        var writer = CaptureWriter()
        for port in UInt16(50_000)..<50_040 { writer.append(script.packets, clientPort: port) }
        let path = try file(writer.bytes)
        #expect(try await flowsAtATime(path) == 40)
        // Of 40 flows that hold 100,000 bytes each no more are followed at a time than 1 MiB has room for.
        #expect((5...11).contains(try await flowsAtATime(path, held: 1 << 20)))
    }

    @Test func `calls that keep much content count, too`() async throws {
        func frame(_ type: UInt8, _ flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
            [0, UInt8(payload.count >> 8), UInt8(payload.count & 255), type, flags, 0, 0, 0, stream] + payload
        }
        var script = TCPScript()
        script.handshake()
        script.say(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, stream: 0, []), .lower)
        for number in UInt8(0)..<25 {
            // POST, http, "/", and a content type.
            let head: [UInt8] = [0x83, 0x86, 0x84, 0x0f, 0x10, 16] + Array("application/grpc".utf8)
            script.say(frame(1, 4, stream: 2 * number + 1, head), .lower)
            let message = [0, 0, 0, 0x10, 0] + [UInt8](repeating: 1, count: 4096)
            script.say(frame(0, 0, stream: 2 * number + 1, message), .lower)
        }
        var writer = CaptureWriter()
        for port in UInt16(50_000)..<50_040 { writer.append(script.packets, clientPort: port) }
        let path = try file(writer.bytes)
        #expect(try await flowsAtATime(path) == 40)
        #expect((5...10).contains(try await flowsAtATime(path, held: 1 << 20)))
    }

    /// How many flows had been told of and not ended, at most.
    private func flowsAtATime(_ path: String, held: Int? = nil) async throws -> Int {
        var decoder = CaptureDecoder(format: .jsonLines)
        decoder.shards = 1
        if let held { decoder.context.limits.held = held }
        var output: [UInt8] = []
        _ = try await decoder.run(path) { bytes in
            output.append(bytes)
            return true
        }
        var (open, most) = (0, 0)
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let type = try JSON.parse(Array(line).span)["type"]
            open += type == "flow" ? 1 : type == "flowEnd" ? -1 : 0
            most = max(most, open)
        }
        #expect(open == 0)
        return most
    }

    @Test func `more flows than are followed at a time end, each with a line`() async throws {
        var table = CaptureWriter(.pcapLittle, .raw)
        for number in 0..<20_000 {
            var syn: [UInt8] = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10]
            syn += [UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255), 10, 0, 0, 1]
            syn += [0x80, 0, 0x15, 0x38, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]
            table.append(frame: syn)
        }
        var flows = 0
        var decoder = CaptureDecoder(format: .jsonLines)
        decoder.context.limits.flows = 1000
        _ = try await decoder.run(try file(table.bytes)) { bytes in
            for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { flows += 1 }
            return true
        }
        // Each has a line for its beginning and one for its end.
        #expect(flows == 2 * 20_000 + 2)
    }

    @Test func `every capture that we keep holds what is expected of it`() async throws {
        for path in try CaptureValidator.captures(below: Repository.root + "/fixtures") {
            #expect(try await CaptureValidator(blesses: false).validate(path) == .asExpected, "\(path)")
        }
    }

    @Test func `a difference is told member by member`() async throws {
        var writer = CaptureWriter()
        writer.append(postgres.packets)
        let path = try file(writer.bytes)
        #expect(try await CaptureValidator(blesses: false).validate(path) == .unknown)
        #expect(try await CaptureValidator(blesses: true).validate(path) == .blessed)
        #expect(try await CaptureValidator(blesses: false).validate(path) == .asExpected)
        let expected = try #require(read(scratch.path + "/x.events.json"))
        try write(expected.replacing("SELECT 1", with: "SELECT 2"), to: scratch.path + "/x.events.json")
        #expect(
            try await CaptureValidator(blesses: false).validate(path)
                == .differs(["event 2 of flow 0", "  - title: \"SELECT 2\"", "  + title: \"SELECT 1\""]))
    }
}
