import Adapters
import Protocols
import Testing
import WireTestKit

@Suite struct GRPCTimelineTests {
    private static let hello = HTTP2Bytes.preface + HTTP2Bytes.settings()
    private static let alice: [UInt8] = [0x0a, 5] + Array("Alice".utf8) + [0x10, 42]

    private static func call(_ turns: [WireTurn], _ chunking: Chunking = .whole) throws -> TimelineEvent {
        let events = TimelineProperties.events(HTTP2Timeline<TimelineAdapters>.self, turns, chunking)
        return try #require(events.first { $0.kind == "grpc.call" })
    }

    @Test(arguments: Chunking.all)
    func `a call is told with its messages and its status`(_ chunking: Chunking) throws {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let message = HTTP2Bytes.message(Self.alice, stream: 1, ends: true)
        let turns: [WireTurn] = [
            .bytes(
                Self.hello + client.call("shop.Orders/Find", stream: 1, [("grpc-timeout", "501m")]), .clientToServer),
            .bytes(message, .clientToServer),
            .bytes(
                HTTP2Bytes.settings()
                    + server.headers([(":status", "200"), ("content-type", "application/grpc")], stream: 1)
                    + HTTP2Bytes.message([], stream: 1) + HTTP2Bytes.message(Self.alice, stream: 1)
                    + server.headers([("grpc-status", "0")], stream: 1, ends: true), .serverToClient),
        ]
        let call = try Self.call(turns, chunking)
        #expect(call.title == "shop.Orders/Find")
        #expect(call.outcome == .succeeded)
        #expect(call["timeout"] == .nanoseconds(501_000_000))
        #expect(call["sent"] == .list([.text("1: \"Alice\" 2: 42")]))
        #expect(call["received"] == .list([.text("(empty)"), .text("1: \"Alice\" 2: 42")]))
        #expect(call["receivedMessages"] == .integer(2))
    }

    @Test func `a denial in the only header block is a failure with its words`() throws {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let call = try Self.call([
            .bytes(Self.hello + client.call("a.B/C", stream: 1), .clientToServer),
            .bytes(HTTP2Bytes.frame(0, 1, stream: 1), .clientToServer),
            .bytes(
                HTTP2Bytes.settings()
                    + server.headers(
                        [
                            (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "7"),
                            ("grpc-message", "denied: p%C3%A4 100%25"),
                        ], stream: 1, ends: true), .serverToClient),
        ])
        #expect(call.outcome == .failed(code: "7", message: "PERMISSION_DENIED: denied: pä 100%"))
    }

    @Test func `a message across frames and many in one frame are the same messages`() throws {
        var bytes: [UInt8] = []
        for _ in 0..<30 { bytes += [0, 0, 0, 0, 9] + Self.alice }
        for size in [1, 7, 14, 100, 1000] {
            var client = HTTP2Bytes()
            var stream = Self.hello + client.call("a.B/C", stream: 1)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(bytes.count, start + size)])
                stream += HTTP2Bytes.frame(0, stream: 1, piece)
            }
            let call = try Self.call([.bytes(stream, .clientToServer)])
            #expect(call["sentMessages"] == .integer(30))
            #expect(call["sentBytes"] == .byteCount(270))
            #expect(call["sent"] == .list(Array(repeating: .text("1: \"Alice\" 2: 42"), count: 20)))
            #expect(call.outcome == .unfinished)
        }
    }

    @Test func `what is compressed, torn or no message is told as such`() throws {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let call = try Self.call([
            .bytes(
                Self.hello + client.call("a.B/C", stream: 1, [("grpc-encoding", "gzip")])
                    + HTTP2Bytes.message([1, 2, 3], stream: 1, compressed: true)
                    + HTTP2Bytes.message([0xff, 0xff], stream: 1)
                    + HTTP2Bytes.frame(0, stream: 1, [0, 0, 0, 0, 9, 1]), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + server.headers([(":status", "200")], stream: 1)
                    + HTTP2Bytes.frame(0, stream: 1, [0x42, 0, 0, 0, 0]), .serverToClient),
        ])
        #expect(call["sent"] == .list([.text("(3 bytes, compressed, damaged)"), .text("(2 bytes)")]))
        #expect(call["sentCoding"] == .text("gzip"))
        #expect(call["sentTruncated"] == .boolean(true))
        #expect(call["receivedTruncated"] == .boolean(true))
    }

    /// "Alice" as gzip -n and zlib wrote it.
    private static let gzipped: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 227, 98, 117, 204, 201, 76, 78, 21, 208, 2, 0, 37, 190, 89, 196, 9, 0, 0, 0,
    ]
    private static let deflated: [UInt8] = [120, 218, 227, 98, 117, 204, 201, 76, 78, 21, 208, 2, 0, 9, 236, 2, 40]

    @Test(arguments: [
        ("gzip", gzipped, "1: \"Alice\" 2: 42"), ("deflate", deflated, "1: \"Alice\" 2: 42"),
        ("gzip", Array(gzipped.dropLast(8)), "(21 bytes, compressed, damaged)"),
        ("gzip", deflated, "(17 bytes, compressed, damaged)"),
        ("snappy", gzipped, "(29 bytes, compressed in an unknown coding)"),
        ("identity", gzipped, "(29 bytes, compressed in no coding)"),
        (nil, gzipped, "(29 bytes, compressed in no coding)"), ("gzip", [], "(empty)"),
    ])
    func `a compressed message is shown, or why not`(_ coding: String?, _ bytes: [UInt8], _ text: String) throws {
        for chunking in Chunking.all {
            var client = HTTP2Bytes()
            let call = try Self.call(
                [
                    .bytes(
                        Self.hello + client.call("a.B/C", stream: 1, coding.map { [("grpc-encoding", $0)] } ?? [])
                            + HTTP2Bytes.message(bytes, stream: 1, compressed: true)
                            + HTTP2Bytes.message(Self.alice, stream: 1), .clientToServer)
                ], chunking)
            // A message is compressed by its own flag, whatever the call's coding is.
            #expect(call["sent"] == .list([.text(text), .text("1: \"Alice\" 2: 42")]))
            #expect(call["sentBytes"] == .byteCount(UInt64(bytes.count + 9)))
        }
    }

    /// A mebibyte of "x" in a kibibyte, as gzip -n wrote it; and so many that what is held of the message ends within them.
    private static let bomb: [UInt8] =
        [
            0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xed, 0xc1, 0x31, 1, 0, 0, 0, 0xc2, 0xa0, 0xda, 0x8b, 0x6f, 8, 0x5f,
            0xa0,
        ] + [UInt8](repeating: 0, count: 1015) + [0, 0x3e, 3, 0x32, 0x9c, 0x3b, 0x15, 0, 0, 0x10, 0]
    private static let stored: [UInt8] =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1, 0x40, 0x1f, 0xbf, 0xe0]
        + Array(repeating: UInt8(ascii: "x"), count: 8000)

    @Test(arguments: [(bomb, 4096), (stored, 4081)])
    func `only the beginning of a compressed message is held, and unpacked`(_ bytes: [UInt8], _ shown: Int) throws {
        var client = HTTP2Bytes()
        let head = client.headers(
            [
                (":method", "POST"), (":path", "/a.B/C"), ("content-type", "application/grpc+json"),
                ("grpc-encoding", "gzip"),
            ], stream: 1)
        let call = try Self.call([
            .bytes(Self.hello + head + HTTP2Bytes.message(bytes, stream: 1, compressed: true), .clientToServer)
        ])
        #expect(call["sent"] == .list([.text(String(repeating: "x", count: shown) + "…")]))
    }

    /// Each message with base64 of its own, as gRPC-Web puts them one after the other; cut anywhere.
    @Test(arguments: Chunking.all)
    func `messages of gRPC-Web as text are the same messages`(_ chunking: Chunking) throws {
        var client = HTTP2Bytes()
        let type = "application/grpc-web-text"
        func text(_ message: [UInt8]) -> [UInt8] {
            let framed = [0, 0, 0, 0, UInt8(message.count)] + message
            return HTTP2Bytes.frame(0, stream: 1, Array(Base64.encode(framed.span).utf8))
        }
        let head = client.headers(
            [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C"), ("content-type", type)], stream: 1)
        let turns: [WireTurn] = [
            .bytes(Self.hello + head + text(Self.alice) + text([]) + text(Self.alice), .clientToServer)
        ]
        let call = try Self.call(turns, chunking)
        #expect(call["sent"] == .list([.text("1: \"Alice\" 2: 42"), .text("(empty)"), .text("1: \"Alice\" 2: 42")]))
        #expect(call["sentTruncated"] == nil)
        let broken = turns + [.bytes(HTTP2Bytes.frame(0, stream: 1, Array("!!!!AAAA".utf8)), .clientToServer)]
        #expect(try Self.call(broken, chunking)["sentTruncated"] == .boolean(true))
    }

    @Test func `a deadline that passes is a cancelled call`() throws {
        var client = HTTP2Bytes()
        let call = try Self.call([
            .bytes(Self.hello + client.call("a.B/C", stream: 1) + HTTP2Bytes.reset(stream: 1, 8), .clientToServer)
        ])
        #expect(call.outcome == .cancelled)
        #expect(call["reset"] == .text("CANCEL by the client"))
    }

    @Test(arguments: [
        ("application/grpc-web+proto", "web+proto"), ("application/grpc+json", "json"), ("application/grpc", "proto"),
        ("application/grpc-web-text", "web+proto"),
    ])
    func `kinds of gRPC are named`(_ type: String, _ format: String) throws {
        var client = HTTP2Bytes()
        let call = try Self.call([
            .bytes(
                Self.hello
                    + client.headers(
                        [(":method", "POST"), (":path", "/a.B/C"), ("content-type", type)], stream: 1),
                .clientToServer)
        ])
        #expect(call["format"] == .text(format))
    }
}
