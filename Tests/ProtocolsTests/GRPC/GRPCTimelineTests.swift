import Protocols
import Testing
import WireTestKit

@Suite struct GRPCTimelineTests {
    private static let hello = HTTP2Bytes.preface + HTTP2Bytes.settings()
    private static let alice: [UInt8] = [0x0a, 5] + Array("Alice".utf8) + [0x10, 42]

    private static func call(_ turns: [WireTurn], _ chunking: Chunking = .whole) throws -> TimelineEvent {
        let events = TimelineProperties.events(HTTP2Timeline.self, turns, chunking)
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
        #expect(call["sent"] == .list([.text("(3 bytes, compressed)"), .text("(2 bytes)")]))
        #expect(call["sentCoding"] == .text("gzip"))
        #expect(call["sentTruncated"] == .boolean(true))
        #expect(call["receivedTruncated"] == .boolean(true))
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
