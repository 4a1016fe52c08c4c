import Adapters
import Protocols
import Testing
import WireTestKit

/// What RFC 9113 asks beyond the form of frames.
@Suite struct HTTP2RulesTests {
    private static let acknowledgement = HTTP2Bytes.frame(4, 1)

    private static func breaches(_ turns: [WireTurn], _ chunking: Chunking = .whole) -> [String] {
        TimelineProperties.events(HTTP2Timeline<TimelineAdapters>.self, turns, chunking).filter { $0.kind == "fault" }
            .map(\.title)
    }

    private static func update(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
        var payload: [UInt8] = []
        payload.appendBE(increment)
        return HTTP2Bytes.frame(8, stream: stream, payload)
    }

    /// A connection whose client gives windows of 10 bytes, and has asked on stream 1.
    private static func asked(_ client: inout HTTP2Bytes, _ server: inout HTTP2Bytes) -> [WireTurn] {
        [
            .bytes(
                HTTP2Bytes.preface + HTTP2Bytes.settings([(4, 10)]) + client.get("/", stream: 1), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + acknowledgement + server.headers([(":status", "200")], stream: 1),
                .serverToClient),
        ]
    }

    @Test(arguments: Chunking.all) func `data beyond the window of its stream is told once`(_ chunking: Chunking) {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let turns = Self.asked(&client, &server)
        let fits: WireTurn = .bytes(HTTP2Bytes.data("0123456789", stream: 1), .serverToClient)
        #expect(Self.breaches(turns + [fits], chunking) == [])
        let opened: WireTurn = .bytes(Self.update(1, 10), .clientToServer)
        #expect(Self.breaches(turns + [fits, opened, fits], chunking) == [])
        let told = "the server sends 10 bytes more than the window of stream 1 has room for (RFC 9113 §6.9.1)"
        #expect(Self.breaches(turns + [fits, fits, fits], chunking) == [told])
        #expect(TimelineProperties.violation(HTTP2Timeline<TimelineAdapters>.self, turns + [fits, fits]) == nil)
    }

    @Test func `padding counts, and a window that was lowered holds when that is acknowledged`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let turns = Self.asked(&client, &server)
        let padded = HTTP2Bytes.frame(0, 8, stream: 1, [4] + Array("12345".utf8) + [0, 0, 0, 0])
        #expect(Self.breaches(turns + [.bytes(padded, .serverToClient)]) == [])
        let lowered: WireTurn = .bytes(HTTP2Bytes.settings([(4, 0)]), .clientToServer)
        let two = turns + [lowered, .bytes(padded, .serverToClient)]
        #expect(Self.breaches(two) == [])
        let late = turns + [lowered, .bytes(Self.acknowledgement + padded, .serverToClient)]
        #expect(Self.breaches(late).count == 1)
    }

    @Test func `the connection's window is one for all streams, and no window is above the maximum`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let large = String(repeating: "x", count: 16_384)
        var turns: [WireTurn] = [
            .bytes(
                HTTP2Bytes.preface + HTTP2Bytes.settings([(4, 1 << 20)]) + client.get("/", stream: 1), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + Self.acknowledgement + server.headers([(":status", "200")], stream: 1),
                .serverToClient),
        ]
        turns += (0..<4).map { _ in .bytes(HTTP2Bytes.data(large, stream: 1), .serverToClient) }
        #expect(
            Self.breaches(turns)
                == ["the server sends 1 bytes more than the window of the connection has room for (RFC 9113 §6.9.1)"])
        let wide = turns.prefix(2) + [.bytes(Self.update(0, 0x7fff_ffff) + Self.update(0, 0), .clientToServer)]
        #expect(
            Self.breaches(Array(wide)) == [
                "the client opens a window beyond 2³¹−1 (RFC 9113 §6.9.1)",
                "the client opens a window by 0 (RFC 9113 §6.9)",
            ])
    }

    @Test func `more streams at a time than the other side allows are told, once that is acknowledged`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let before: [WireTurn] = [
            .bytes(HTTP2Bytes.preface + HTTP2Bytes.settings() + client.get("/1", stream: 1), .clientToServer),
            .bytes(HTTP2Bytes.settings([(3, 1)]), .serverToClient),
        ]
        var early = client
        #expect(Self.breaches(before + [.bytes(early.get("/2", stream: 3), .clientToServer)]) == [])
        let late: WireTurn = .bytes(Self.acknowledgement + client.get("/2", stream: 3), .clientToServer)
        #expect(
            Self.breaches(before + [late])
                == ["the client has 2 streams open, and may have 1 (RFC 9113 §5.1.2)"])
        let answer: WireTurn = .bytes(server.headers([(":status", "204")], stream: 1, ends: true), .serverToClient)
        #expect(Self.breaches(before + [answer, late]) == [])
    }

    @Test(
        arguments: [
            (
                [(":method", "GET"), (":path", "/"), ("a", "b"), (":scheme", "http")],
                ":scheme stands behind other fields (RFC 9113 §8.3)"
            ),
            (
                [(":method", "GET"), (":method", "PUT"), (":path", "/"), (":scheme", "http")],
                ":method stands there twice (RFC 9113 §8.3)"
            ),
            ([(":method", "GET"), (":path", "/")], ":scheme is missing (RFC 9113 §8.3)"),
            (
                [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":status", "200")],
                ":status is no field of a request (RFC 9113 §8.3)"
            ),
            (
                [(":method", "GET"), (":path", "/"), (":scheme", "http"), ("Host", "h")],
                "Host has letters in upper case (RFC 9113 §8.2.1)"
            ),
            (
                [(":method", "GET"), (":path", "/"), (":scheme", "http"), ("transfer-encoding", "chunked")],
                "transfer-encoding is about an HTTP/1 connection (RFC 9113 §8.2.2)"
            ),
            (
                [(":method", "GET"), (":path", "/"), (":scheme", "http"), ("te", "gzip")],
                "te is about an HTTP/1 connection (RFC 9113 §8.2.2)"
            ),
            ([(":method", "GET"), (":path", "/"), (":scheme", "http"), ("te", "trailers")], nil),
            ([(":method", "CONNECT"), (":authority", "h:1")], nil),
        ] as [([(String, String)], String?)])
    func `header blocks that RFC 9113 forbids are told`(_ fields: [(String, String)], _ expected: String?) {
        var client = HTTP2Bytes()
        let turns: [WireTurn] = [
            .bytes(
                HTTP2Bytes.preface + HTTP2Bytes.settings() + client.headers(fields, stream: 1, ends: true),
                .clientToServer)
        ]
        #expect(Self.breaches(turns) == [expected].compactMap(\.self))
    }

    @Test func `a response has one status, and trailers have none`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let turns: [WireTurn] = [
            .bytes(HTTP2Bytes.preface + HTTP2Bytes.settings() + client.get("/", stream: 1), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + server.headers([(":status", "200")], stream: 1)
                    + server.headers([(":status", "201")], stream: 1, ends: true), .serverToClient),
            .bytes(client.get("/", stream: 3), .clientToServer),
            .bytes(server.headers([("a", "b")], stream: 3, ends: true), .serverToClient),
        ]
        #expect(
            Self.breaches(turns) == [
                ":status stands in trailers (RFC 9113 §8.1)", ":status is missing (RFC 9113 §8.3)",
            ])
    }

    @Test func `of a capture that came late, or has a hole, nobody knows the windows`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let turns = Self.asked(&client, &server)
        let much: WireTurn = .bytes(HTTP2Bytes.data(String(repeating: "x", count: 100), stream: 1), .serverToClient)
        let late: [WireTurn] = [
            .bytes(Array(client.get("/2", stream: 3)), .clientToServer), much,
        ]
        #expect(Self.breaches(late) == [])
        #expect(Self.breaches(turns + [.gap(10, .clientToServer), much]) == [])
    }
}
