import Adapters
import Protocols
import Testing

/// "Wiretrail " a hundred times, as the usual tools encode it.
private let plain = [UInt8]((0..<100).flatMap { _ in "Wiretrail ".utf8 })

private let encoded: [(String, ContentCoding, String)] = [
    ("gzip", .gzip, "H4sIAAAAAAACAwvPLEotKUrMzFEIH2WNskZZw5QFAJBclcHoAwAA"),
    (
        "two gzip members", .gzip,
        "H4sIAAAAAAACAwvPLEotKUrMzFEIH2WNEBYAJrvHevQBAAAfiwgAAAAAAAIDC88sSi0pSszMUQgfZY0QFgAmu8d69AEAAA=="
    ),
    ("zlib", .deflate, "eJwLzyxKLSlKzMxRCB9ljbJGWcOUBQBB/H58"),
    ("deflate without zlib's header", .deflate, "C88sSi0pSszMUQgfZY2yRlnDlAUA"),
    ("Brotli", .brotli, "G+cDAAQ24EhTCyhYr1EaK8XjXvOYAQ=="),
    ("Zstandard", .zstd, "KLUv/QBYjQAAUFdpcmV0cmFpbCABANtbFSQ="),
]

@Suite struct ContentCodingTests {
    private func decode(_ bytes: [UInt8], _ coding: ContentCoding, limit: Int = 10_000) -> DecodedContent {
        TimelineAdapters.decode(bytes.span, coding, limit: limit)
    }

    private func bytes(_ text: String) throws -> [UInt8] { try #require(Base64.decode(text)) }

    @Test(arguments: encoded)
    func `each coding is undone`(_ name: String, _ coding: ContentCoding, _ text: String) throws {
        #expect(decode(try bytes(text), coding) == DecodedContent(plain, .whole))
    }

    @Test(arguments: encoded)
    func `a bomb is cut at the limit`(_ name: String, _ coding: ContentCoding, _ text: String) throws {
        #expect(decode(try bytes(text), coding, limit: 900) == DecodedContent(Array(plain.prefix(900)), .cut))
    }

    @Test(arguments: encoded)
    func `what ends too early or is damaged says so, and never more than was there`(
        _ name: String, _ coding: ContentCoding, _ text: String
    ) throws {
        let whole = try bytes(text)
        for count in 1..<whole.count {
            let decoded = decode(Array(whole.prefix(count)), coding)
            // A gzip member is whole in itself, whatever followed it.
            let isMember = decoded == DecodedContent(Array(plain.prefix(500)), .whole)
            #expect(isMember || decoded.end == .truncated && plain.starts(with: decoded.bytes), "\(count) bytes")
        }
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x55
            #expect(decode(damaged, coding).bytes.count <= 10_000)
        }
        #expect(decode(whole + [1, 2, 3, 4], coding).end != .whole)
    }

    @Test func `codings are known by their names, one at a time`() {
        #expect(
            ["gzip", "X-GZIP", "deflate", "br", "zstd"].map { ContentCoding($0) } == [
                .gzip, .gzip, .deflate, .brotli, .zstd,
            ])
        for name in ["", "identity", "gzip, br", "compress"] { #expect(ContentCoding(name) == nil) }
    }

    @Test func `the limit is a hundred times as much, and 8 MiB at most`() {
        #expect([0, 1, 83_886, 83_887, .max].map(ContentCoding.limit) == [0, 100, 8_388_600, 8 << 20, 8 << 20])
    }

    @Test func `a list says what was applied last at its end`() {
        #expect(ContentCoding.list("gzip, br") == [.gzip, .brotli])
        #expect(ContentCoding.list(" GZIP ,, identity,\tdeflate") == [.gzip, .deflate])
        #expect(ContentCoding.list("identity") == [] && ContentCoding.list("") == [])
        #expect(ContentCoding.list("gzip, compress") == nil)
        #expect(ContentCoding.list("gzip,gzip,gzip,gzip,gzip") == nil)
    }

    @Test func `a timeline shows content without its coding`() throws {
        let content = try bytes("H4sIAAAAAAACA6tWys9WsiopKk2tBQCQX9SnCwAAAA==")
        let fields = try #require(told(content, "application/json", "gzip").first).fields
        #expect(fields.contains(.init("responseContent", .text(#"{"ok":true}"#))))
        #expect(fields.contains(.init("responseCoding", .text("gzip"))))
    }

    @Test func `a timeline undoes all codings of a content, the last one first`() throws {
        let content = try bytes("eJyT7+ZgAAEmZu7zOl66ml5nzgRyyKf2bnKLPDyFlWFCzNSDL5gZGAC9fAuE")
        let fields = try #require(told(content, "text/plain", "gzip, deflate").first).fields
        #expect(fields.contains(.init("responseContent", .text(String(decoding: plain, as: UTF8.self)))))
    }

    /// An event stream that was sent with gzip, ended or broken off.
    @Test(arguments: [true, false])
    func `a timeline tells the events of a compressed stream`(isWhole: Bool) throws {
        let stream = try bytes(
            "H4sIAAAAAAACAx3NOwqAMBCE4X5PEaYWUcu9ilhIsuAjJEFXUULubrCav/hg3Kwzm4ztjOFIFoyh7dBgdeC+wSHn5RWcYWNQCTXHDH2TVKnyaKX/MFwM"
                + "gjKVQiR3lWx0tTu5/2AR7yPRB64YVmVuAAAA")
        let content = isWhole ? stream : Array(stream.dropLast(8))
        let events = told(content, "text/event-stream; charset=utf-8", "gzip", byteCount: stream.count)
        #expect(events.contains { $0.kind == "sse.event" && $0.title == "hello" })
        #expect(events.contains { $0.title.contains("an answer") || "\($0.fields)".contains("done") })
    }

    /// What a timeline makes of a response with such content.
    private func told(
        _ content: [UInt8], _ type: String, _ coding: String, byteCount: Int? = nil
    ) -> [TimelineEvent] {
        var timeline = HTTPTimeline<TimelineAdapters>(limits: WireLimits())
        let time = Timestamp(monotonicNanoseconds: 1, wallNanoseconds: 1)
        let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        let head = """
            HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Encoding: \(coding)\r\n\
            Content-Length: \(byteCount ?? content.count)\r\n\r\n
            """
        timeline.data(Array(request.utf8).span, .clientToServer, stream: 0, at: time)
        timeline.data((Array(head.utf8) + content).span, .serverToClient, stream: 0, at: time)
        timeline.finish(at: time)
        return timeline.drain()
    }
}
