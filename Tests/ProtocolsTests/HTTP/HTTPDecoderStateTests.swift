import Protocols
import Testing
import WireTestKit

private let get = client("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
private let ok = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

/// Turns that lead to each position of a decoder.
private let conversation: [WireTurn] =
    [
        get, ok, client("HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n"), get,
        server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"), server("c\r"), server("\n0\r\n\r\n"),
        client("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab"), client("cd"), ok,
    ] + webSocketHandshake + [
        frame(.clientToServer, .text, [1, 2, 3], isFinal: false), frame(.serverToClient, .ping, []),
        frame(.clientToServer, .continuation, [1]), frame(.clientToServer, .close, []),
    ]

@Suite struct HTTPDecoderStateTests {
    @Test func `a decoder goes on from its snapshot at every message`() throws {
        let limits = WireLimits()
        let whole = HTTPStory(HTTPDecoder(limits: limits), limits, conversation, .whole)
        #expect(whole.fault == nil)
        for cut in 1..<conversation.count {
            var session = WireSession(HTTPDecoder(limits: limits), limits: limits)
            for case .bytes(let bytes, let direction) in conversation[..<cut] {
                try session.feed(bytes.span, direction) { _, _, _, _ in }
            }
            guard session.pending(.clientToServer) == 0, session.pending(.serverToClient) == 0 else { continue }
            let snapshot = try #require(session.decoder.snapshot())
            let decoder = HTTPDecoder(snapshot: snapshot.span, limits: limits)
            let resumed = try #require(decoder)
            #expect(resumed.snapshot() == snapshot)
            let rest = HTTPStory(resumed, limits, Array(conversation[cut...]), .whole)
            #expect(rest.fault == nil)
            #expect(rest.requests == whole.requests.suffix(rest.requests.count))
            #expect(rest.server.last == whole.server.last && rest.client.last == whole.client.last || cut > 13)
        }
    }

    @Test(arguments: [[], [1], [2, 0], [1] + [UInt8](repeating: 3, count: 23), [UInt8](repeating: 255, count: 40)])
    func `what is no snapshot makes no decoder`(_ bytes: [UInt8]) {
        #expect(HTTPDecoder(snapshot: bytes.span, limits: WireLimits()) == nil)
    }

    @Test func `one request after the other: the next waits for the response`() {
        let waiting = HTTPDecoder(limits: WireLimits(), pipelining: .waits)
        let first = httpStory([get, client("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")], waiting)
        #expect(first.requests == ["GET /a"])
        let both = httpStory([get, client("GET /b HTTP/1.1\r\nHost: x\r\n\r\n"), ok], waiting)
        #expect(both.requests == ["GET /a", "GET /b"])
    }

    @Test func `unanswered requests are counted`() {
        var limits = WireLimits()
        limits.pipelined = 2
        let story = httpStory([get, get, get], HTTPDecoder(limits: limits), limits: limits)
        #expect(story.fault?.code == .limitExceeded && story.requests.count == 2)
    }

    @Test func `behind CONNECT only bytes are known`() {
        let story = httpStory([
            client("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"), server("HTTP/1.1 200 OK\r\n\r\n"),
            client("\u{16}\u{3}\u{1}"),
        ])
        #expect(story.client == ["CONNECT x:443 none", "opaque unsupported\u{16}\u{3}\u{1}"])
    }

    @Test func `a hole within content of known length is nothing to worry about`() {
        let story = httpStory([
            get, server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), .gap(4, .serverToClient), server("hij"),
            get,
            ok,
        ])
        #expect(story.fault == nil && story.server.last == "hi.")
    }

    @Test func `behind a hole a direction goes on where a head begins, or gives up`() {
        let found = httpStory([get, .gap(100, .serverToClient), ok, .gap(50, .clientToServer), get])
        #expect(found.server == ["200 OK length(2) + 2", "hi."] && found.requests.count == 2)
        let lost = httpStory([get, .gap(100, .serverToClient), server("lost in a body\r\n")])
        #expect(lost.server == ["opaque unsupportedlost in a body\r\n"] && lost.fault == nil)
    }

    @Test func `a capture that began late is read from where a head begins`() {
        let late = HTTPDecoder(limits: WireLimits(), start: .anywhere, pipelining: .readsAhead)
        #expect(httpStory([ok, get, ok], late).server.count == 4)
        #expect(httpStory([client("lost in a body\u{7f}"), ok], late).client.first?.hasPrefix("opaque") == true)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n", "", Detection.yes), ("GET /", "", .yes), ("GE", "", .needMore), ("", "", .needMore),
        ("", "HTTP/1.1 200", .yes), ("", "HTT", .needMore), ("garbage\u{1}", "HTTP/1.0 404", .yes),
        ("", "SSH-2.0", .no),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "", .no), ("SSH-2.0-OpenSSH_9\r\n", "", .no), ("\u{16}\u{3}", "", .no),
        ("PURGE x HTTP/1.1\r\n", "", .yes), ("HELLO world\r\n", "", .no), ("EHLO mail", "220 x", .no),
    ])
    func `HTTP is told by its first bytes`(_ client: String, _ server: String, _ verdict: Detection) {
        #expect(HTTPDetection.detect(client: Array(client.utf8).span, server: Array(server.utf8).span) == verdict)
    }
}
