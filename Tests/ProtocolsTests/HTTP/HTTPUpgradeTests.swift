import Adapters
import Protocols
import Testing
import WireTestKit

/// Connections that go over to HTTP/2 (RFC 7540 §3.2).
@Suite struct HTTPUpgradeTests {
    private static let ask = """
        GET /a?b=c HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
        HTTP2-Settings: AAQAAABk\r\nUser-Agent: tester/1\r\nAuthorization: Bearer not-a-secret\r\n\r\n
        """
    private static let agreed =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    private static func events(_ turns: [WireTurn], _ chunking: Chunking = .whole) -> [TimelineEvent] {
        TimelineProperties.events(HTTPTimeline<TimelineAdapters>.self, turns, chunking)
    }

    /// The server's first frames come with the 101; a second request follows.
    private static func conversation() -> [WireTurn] {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let answer =
            Array(agreed.utf8) + HTTP2Bytes.settings() + server.headers([(":status", "200")], stream: 1)
            + HTTP2Bytes.data("hello", stream: 1, ends: true)
        return [
            .bytes(Array(ask.utf8), .clientToServer), .bytes(answer, .serverToClient),
            .bytes(HTTP2Bytes.preface + HTTP2Bytes.settings([(4, 100)]), .clientToServer),
            .bytes(HTTP2Bytes.frame(4, 1), .clientToServer), .bytes(HTTP2Bytes.frame(4, 1), .serverToClient),
            .bytes(client.get("/d", stream: 3), .clientToServer),
            .bytes(server.headers([(":status", "404")], stream: 3, ends: true), .serverToClient),
        ]
    }

    @Test(arguments: Chunking.all)
    func `the request is told with the 101, and again as stream 1 with its answer`(_ chunking: Chunking) throws {
        let events = Self.events(Self.conversation(), chunking)
        #expect(
            events.map(\.kind) == [
                "http.request", "http2.request", "http2.settings", "http2.settings", "http2.request",
                "http2.connection",
            ])
        #expect(events[0]["status"] == .integer(101))
        let first = events[1]
        #expect(first.stream == 1 && first.title == "GET /a?b=c" && first.outcome == .succeeded)
        #expect(first["host"] == .text("shop") && first["userAgent"] == .text("tester/1"))
        #expect(first["responseBytes"] == .byteCount(5))
        #expect(first.request == 0..<UInt64(Self.ask.utf8.count))
        // Offsets go on where HTTP/1.1 has ended: behind the 101 and SETTINGS.
        let agreed = UInt64(Self.agreed.utf8.count)
        #expect(first.response?.lowerBound == agreed + 9)
        #expect(events[4].title == "GET /d" && events[4].outcome == .failed(code: "404", message: ""))
        #expect(events.map(\.sequence) == Array(1...6))
    }

    @Test func `stream 1 has the fields of the request without those of its connection`() throws {
        let events = Self.events(Self.conversation())
        guard case .table(_, let rows, _)? = events[1]["requestFields"] else { throw Missing() }
        let names = rows.values.map { $0[0] }
        #expect(
            names == [":method", ":scheme", ":path", ":authority", "user-agent", "authorization"].map { .text($0) })
        #expect(!"\(rows.values)".contains("not-a-secret"))
    }

    private struct Missing: Error {}

    @Test func `a timeline behind an upgrade goes on from its snapshot, and does not depend on how it was cut`() {
        #expect(TimelineProperties.violation(HTTPTimeline<TimelineAdapters>.self, Self.conversation()) == nil)
    }

    @Test func `damaged upgrades are told, and told alike`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var turns = Self.conversation()
            let place = Int.random(in: turns.indices, using: &random)
            guard case .bytes(var bytes, let direction) = turns[place] else { continue }
            bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            turns[place] = .bytes(bytes, direction)
            if Bool.random(using: &random) { turns.insert(.gap(7, direction), at: place) }
            #expect(TimelineProperties.violation(HTTPTimeline<TimelineAdapters>.self, turns) == nil, "seed \(seed)")
        }
    }

    /// HTTP2-Settings allows 100 bytes of data on a stream.
    @Test func `what the request allows holds at once`() {
        var server = HTTP2Bytes()
        let answer =
            Array(Self.agreed.utf8) + HTTP2Bytes.settings() + server.headers([(":status", "200")], stream: 1)
            + HTTP2Bytes.data(String(repeating: "x", count: 101), stream: 1, ends: true)
        let events = Self.events([.bytes(Array(Self.ask.utf8), .clientToServer), .bytes(answer, .serverToClient)])
        #expect(
            events.filter { $0.kind == "fault" }.map(\.title) == [
                "the server sends 1 bytes more than the window of stream 1 has room for (RFC 9113 §6.9.1)"
            ])
    }

    @Test func `a hole behind the upgrade is one of HTTP/2`() {
        var turns = Self.conversation()
        turns.insert(.gap(50, .serverToClient), at: 4)
        let events = Self.events(turns)
        #expect(events.contains { $0.kind == "gap" })
        #expect(events.contains { $0.title == "GET /d" && $0.kind == "http2.request" })
        #expect(TimelineProperties.violation(HTTPTimeline<TimelineAdapters>.self, turns) == nil)
    }

    @Test func `a server that does not go over is heard in HTTP/1.1`() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        let turns: [WireTurn] = (0..<2).flatMap { _ -> [WireTurn] in
            [.bytes(Array(Self.ask.utf8), .clientToServer), .bytes(Array(answer.utf8), .serverToClient)]
        }
        #expect(Self.events(turns).map(\.kind) == ["http.request", "http.request"])
    }

    /// The server agrees before the client has said all: where HTTP/2 begins, nobody can tell.
    @Test func `an upgrade within a request's content is not read`() {
        let ask = Self.ask.replacing("GET", with: "POST")
            .replacing("\r\n\r\n", with: "\r\nContent-Length: 9\r\n\r\nabc")
        let events = Self.events([
            .bytes(Array(ask.utf8), .clientToServer),
            .bytes(Array(Self.agreed.utf8) + HTTP2Bytes.settings(), .serverToClient),
        ])
        #expect(events.map(\.kind) == ["http.request", "opaque"])
    }
}
