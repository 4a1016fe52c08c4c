import Adapters
import Protocols
import Testing
import WireTestKit

@Suite struct HTTP2TimelineTests {
    private static func events(_ turns: [WireTurn], _ chunking: Chunking = .whole) -> [TimelineEvent] {
        TimelineProperties.events(HTTP2Timeline<TimelineAdapters>.self, turns, chunking)
    }

    private static let hello = HTTP2Bytes.preface + HTTP2Bytes.settings([(4, 65535)])

    @Test(arguments: Chunking.all)
    func `requests side by side are told in the order in which they began`(_ chunking: Chunking) {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let turns: [WireTurn] = [
            .bytes(Self.hello + client.get("/slow", stream: 1) + client.get("/fast", stream: 3), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + server.headers([(":status", "404")], stream: 3, ends: true)
                    + server.headers([(":status", "103"), ("link", "</a.css>")], stream: 1)
                    + server.headers([(":status", "200"), ("content-type", "text/plain")], stream: 1), .serverToClient),
            .bytes(HTTP2Bytes.data("hello", stream: 1, ends: true), .serverToClient),
        ]
        let events = Self.events(turns, chunking)
        #expect(
            events.map(\.kind)
                == ["http2.settings", "http2.request", "http2.request", "http2.settings", "http2.connection"])
        #expect(events[1].title == "GET /slow")
        #expect(events[1].outcome == .succeeded)
        #expect(events[1]["responseBytes"] == .byteCount(5))
        #expect(events[1]["interim"] == .list([.text("103")]))
        #expect(events[2].title == "GET /fast")
        #expect(events[2].outcome == .failed(code: "404", message: ""))
        #expect(events[2].stream == 3)
        #expect(TimelineProperties.violation(HTTP2Timeline<TimelineAdapters>.self, turns) == nil)
    }

    @Test func `a reset tells who gave up, and what comes late begins nothing`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let events = Self.events([
            .bytes(Self.hello + client.get("/a", stream: 1) + HTTP2Bytes.reset(stream: 1, 8), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + server.headers([(":status", "200")], stream: 1)
                    + HTTP2Bytes.data("late", stream: 1, ends: true), .serverToClient),
            .bytes(client.get("/b", stream: 3), .clientToServer),
            .bytes(HTTP2Bytes.reset(stream: 3, 7), .serverToClient),
            .bytes(client.get("/c", stream: 5), .clientToServer),
            .bytes(HTTP2Bytes.goAway(last: 3, 11, "too many"), .serverToClient),
        ])
        let requests = events.filter { $0.kind == "http2.request" }
        #expect(requests.map(\.title) == ["GET /a", "GET /b", "GET /c"])
        #expect(
            requests.map(\.outcome)
                == [.cancelled, .failed(code: "REFUSED_STREAM", message: "reset by the server"), .unfinished])
        let goAway = events.first { $0.kind == "http2.goAway" }
        #expect(goAway?.outcome == .failed(code: "ENHANCE_YOUR_CALM", message: "too many"))
    }

    @Test func `a timeline put aside between requests goes on with its tables`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        var turns: [WireTurn] = [.bytes(Self.hello, .clientToServer), .bytes(HTTP2Bytes.settings(), .serverToClient)]
        for index in 0..<5 {
            let stream = UInt32(index * 2 + 1)
            turns.append(.bytes(client.get("/the/same/path", stream: stream), .clientToServer))
            turns.append(
                .bytes(
                    server.headers([(":status", "200"), ("server", "x")], stream: stream, ends: true), .serverToClient))
        }
        let straight = TimelineProperties.events(HTTP2Timeline<TimelineAdapters>.self, turns)
        #expect(straight == TimelineProperties.events(HTTP2Timeline<TimelineAdapters>.self, turns, resuming: true))
        #expect(straight.filter { $0.title == "GET /the/same/path" }.count == 5)
    }

    @Test func `a push is told with the request that it answers`() {
        var client = HTTP2Bytes()
        var server = HTTP2Bytes()
        let block = server.encoder.encode([(":method", "GET"), (":path", "/style.css")].map { HPACKField($0, $1) })
        let events = Self.events([
            .bytes(Self.hello + client.get("/", stream: 1), .clientToServer),
            .bytes(
                HTTP2Bytes.settings() + HTTP2Bytes.frame(5, 4, stream: 1, [0, 0, 0, 2] + block)
                    + server.headers([(":status", "200")], stream: 2, ends: true)
                    + server.headers([(":status", "200")], stream: 1, ends: true), .serverToClient),
        ])
        let push = events.first { $0.stream == 2 }
        #expect(push?.title == "GET /style.css")
        #expect(push?["pushed"] == .boolean(true))
        #expect(push?.outcome == .succeeded)
    }

    /// Each of 1,000 calls has sent 5,000 bytes, of which 4,096 are kept.
    @Test func `what open streams keep counts as held, and so do events that wait for an earlier one`() {
        var timeline = HTTP2Timeline<TimelineAdapters>(limits: WireLimits())
        func say(_ bytes: [UInt8]) {
            timeline.data(
                bytes.span, .clientToServer, stream: 0, at: Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0))
        }
        var client = HTTP2Bytes()
        say(Self.hello)
        for stream in 0..<UInt32(1000) {
            say(client.call("a.B/C", stream: 2 * stream + 1))
            say(HTTP2Bytes.message([UInt8](repeating: 1, count: 5000), stream: 2 * stream + 1))
        }
        let held = timeline.heldCount
        #expect((4_096_000...6_000_000).contains(held))
        // All but the first end: their events wait for it.
        for stream in 1..<UInt32(1000) { say(HTTP2Bytes.reset(stream: 2 * stream + 1, 8)) }
        #expect(!timeline.drain().contains { $0.kind == "grpc.call" })
        #expect(timeline.heldCount == held)
        say(HTTP2Bytes.reset(stream: 1, 8))
        #expect(timeline.drain().count { $0.kind == "grpc.call" } == 1000)
        #expect(timeline.heldCount == 0)
    }
}
