import Testing
import WireTestKit

@testable import Gateway

@Suite struct MonitoringRequestTests {
    private func parse(_ text: String) -> MonitoringRequest.Parsed { MonitoringRequest.parse(Array(text.utf8).span) }

    @Test(arguments: [
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9187\r\nUser-Agent: Prometheus/2.45\r\nAccept: */*;q=0.1\r\n\r\n",
        "HEAD /healthz?verbose=1 HTTP/1.1\r\nhost:localhost\r\nContent-Length: 0\r\n\r\n",
        "GET /readyz HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\n",
    ])
    func `what probes and scrapers send is read`(_ text: String) throws {
        guard case .request(let head) = parse(text) else { return #expect(Bool(false), "\(parse(text))") }
        #expect(head.path == String(text.drop { $0 != "/" }.prefix { $0 != "?" && $0 != " " }))
        for length in 0..<(text.firstRange(of: "\r\n\r\n")?.upperBound.utf16Offset(in: text) ?? 0) {
            let beginning = Array(text.utf8.prefix(length))
            #expect(MonitoringRequest.parse(beginning.span) == .needsMore)
        }
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("GET / http/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("\n\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n: h\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\u{0}\r\n\r\n", 400),
        ("GET /\u{fc} HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\r\nX\u{7f}: y\r\n\r\n", 400),
        ("get / HTTP/1.1\r\nHost: h\r\n\r\n", 405), ("POST /metrics HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        ("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", 405), ("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 413),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
    ])
    func `whatever two readers could understand in two ways is refused`(_ text: String, _ status: Int) {
        #expect(parse(text) == .refused(HTTPStatus(rawValue: status) ?? .ok), "\(text)")
    }

    @Test func `a head has a limit, in bytes and in fields, whether it ends or not`() {
        let start = "GET / HTTP/1.1\r\nHost: h\r\n"
        let long = start + "X: " + String(repeating: "x", count: 8 << 10)
        #expect(parse(long) == .refused(.headerFieldsTooLarge))
        #expect(parse(long + "\r\n\r\n") == .refused(.headerFieldsTooLarge))
        let many = start + String(repeating: "X: y\r\n", count: 64) + "\r\n"
        #expect(parse(many) == .refused(.headerFieldsTooLarge))
    }

    /// The same bytes must get the same answer, however they are cut into reads.
    @Test func `2,000 damaged heads are understood alike whole and byte by byte`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix64(seed: seed)
        let whole = Array("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n".utf8)
        for _ in 0..<2_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                }
            }
            let first = (0...bytes.count).lazy.map { MonitoringRequest.parse(Array(bytes[..<$0]).span) }
                .first { $0 != .needsMore }
            #expect(MonitoringRequest.parse(bytes.span) == first ?? .needsMore, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.0.0.1:9187", true), ("127.1.2.3:1", true), ("localhost", true),
        ("LOCALHOST:80", true),
        ("[::1]", true), ("[::1]:9187", true), ("evil.example", false), ("localhost.evil.example", false),
        ("127.0.0.1.evil.example", false), ("127.0.0.1@evil.example", false), ("127.0.0.256", false), ("::1", false),
        ("[::1].evil.example", false), ("", false), ("127.0.0.1:80:80", false), ("10.0.0.1", false),
    ])
    func `only loopback's own names are those of loopback`(_ host: String, _ isLoopback: Bool) {
        switch parse("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") {
        case .request(let request): #expect(request.namesLoopback == isLoopback)
        case let other: #expect(!isLoopback && other == .refused(.badRequest))
        }
    }
}

@Suite struct PrometheusTextTests {
    @Test func `figures are written as version 0.0.4 wants them`() {
        var family = MetricFamily("wt_x_total", .counter, "A \\ and\na line.")
        family.add("who", "a\"b\\c\nd", 12_345_678_901)
        family.add("who", "x", 0.25)
        let empty = MetricFamily("wt_empty", .gauge, "Nothing.")
        let text = PrometheusText.encode([family, empty, MetricFamily("wt_y", .gauge, "Y.", UInt64.max)])
        #expect(
            text == """
                # HELP wt_x_total A \\\\ and\\na line.
                # TYPE wt_x_total counter
                wt_x_total{who="a\\"b\\\\c\\nd"} 12345678901
                wt_x_total{who="x"} 0.25
                # HELP wt_y Y.
                # TYPE wt_y gauge
                wt_y 1.8446744073709552e+19

                """)
    }
}
