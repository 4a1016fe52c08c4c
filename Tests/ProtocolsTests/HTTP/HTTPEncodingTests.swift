import Protocols
import Testing
import WireTestKit

@Suite struct HTTPEncodingTests {
    /// The head of `text`, and its bytes.
    private func request(_ text: String) throws -> (HTTPRequestHead, [UInt8]) {
        let bytes = Array(text.utf8)
        var decoder = HTTPDecoder(limits: WireLimits())
        guard case .message(.request(let head), _) = try decoder.step(bytes.span, .clientToServer) else {
            return try #require(nil)
        }
        return (head, bytes)
    }

    @Test func `a head is written with its fields as they came, and ours behind them`() throws {
        let (head, bytes) = try request("GET http://x/a?b HTTP/1.0\r\nhOST:x\r\nAccept:  */*\r\n\r\n")
        var encoder = try HTTPHeadEncoder(head, bytes.span)
        for field in head.fields { encoder.copy(field, from: bytes.span) }
        try encoder.add("Via", "1.0 wiretrail")
        encoder.add(.chunked)
        let text = String(decoding: encoder.finish(), as: UTF8.self)
        #expect(
            text == """
                GET /a?b HTTP/1.1\r\nhOST:x\r\nAccept:  */*\r\nVia: 1.0 wiretrail\r\n\
                Transfer-Encoding: chunked\r\n\r\n
                """)
    }

    @Test(arguments: [
        ("GET http://x HTTP/1.1", "GET / HTTP/1.1"), ("GET http://x?a HTTP/1.1", "GET /?a HTTP/1.1"),
        ("OPTIONS http://x HTTP/1.1", "OPTIONS * HTTP/1.1"), ("PURGE //y HTTP/1.1", "PURGE //y HTTP/1.1"),
    ])
    func `a target goes on in origin-form`(_ line: String, _ written: String) throws {
        let (head, bytes) = try request(line + "\r\nHost: x\r\n\r\n")
        let encoder = try HTTPHeadEncoder(head, bytes.span)
        #expect(String(decoding: encoder.finish(), as: UTF8.self) == written + "\r\n\r\n")
    }

    @Test(arguments: ["a\r\nB: c", "a\nb", "a\rb", "a\0b", "\u{7f}"])
    func `nothing that ends a line gets into a head`(_ text: String) throws {
        var encoder = try HTTPHeadEncoder(status: 400, reason: "Bad Request")
        #expect(throws: HTTPHeadEncoder.Fault.self) { try encoder.add("A", text) }
        #expect(throws: HTTPHeadEncoder.Fault.self) { try encoder.add(text, "a") }
        #expect(throws: HTTPHeadEncoder.Fault.self) { try HTTPHeadEncoder(status: 400, reason: text) }
        #expect(throws: HTTPHeadEncoder.Fault.self) { try HTTPHeadEncoder(method: "GET", target: "/" + text) }
        #expect(String(decoding: encoder.finish(), as: UTF8.self) == "HTTP/1.1 400 Bad Request\r\n\r\n")
    }

    @Test func `hop-by-hop fields are told, and Connection takes nothing away that has a meaning`() throws {
        let (head, bytes) = try request(
            """
            GET / HTTP/1.1\r\nHost: x\r\nConnection: close, X-Mine, Authorization, Host\r\nx-mine: 1\r\nX-Other: 2\r\n\
            Authorization: Basic x\r\nTE: trailers\r\nKeep-Alive: 3\r\nProxy-Connection: close\r\nUpgrade: h2c\r\n\r\n
            """)
        let hopByHop = HTTPHopByHop(head.fields, bytes.span)
        let passed = head.fields.filter { !hopByHop.contains($0, bytes.span) }.map { $0.name(in: bytes.span) }
        #expect(passed == ["Host", "X-Other", "Authorization"])
    }

    @Test func `chunks that are written are read as the same`() throws {
        var bytes: [UInt8] = []
        HTTPChunkEncoder.appendChunkLine(255, to: &bytes)
        bytes += [UInt8](repeating: 0x61, count: 255) + HTTPChunkEncoder.chunkEnd + HTTPChunkEncoder.lastChunk
        let story = httpStory([
            client("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), .bytes(bytes, .clientToServer),
        ])
        #expect(story.client.first == "POST / chunked" && story.client.last == "trailers" && story.content.count == 255)
    }

    @Test func `every known name is recognised in either case`() {
        for name in HTTPFieldName.allCases where name != .other {
            for text in [name.text, name.text.uppercased()] {
                #expect(HTTPFieldName(Array(text.utf8).span) == name)
            }
            #expect(HTTPFieldName(Array((name.text + "x").utf8).span) == .other)
        }
    }
}
