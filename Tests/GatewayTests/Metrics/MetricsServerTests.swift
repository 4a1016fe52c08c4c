import Synchronization
import Testing
import Transport
import WireTestKit

@testable import Gateway

private final class Source: MetricsSource {
    let alive = Mutex(true)
    let reasons = Mutex<[String]>([])

    func isAlive() async -> Bool { alive.withLock { $0 } }
    func obstacles() async -> [String] { reasons.withLock { $0 } }
    func metrics() async -> [MetricFamily] { [MetricFamily("wt_up", .gauge, "Always 1.", 1)] }
}

/// The monitoring listener, asked by curl and by what is no HTTP client at all.
@Suite(.timeLimit(.minutes(5))) struct MetricsServerTests {
    private func serve(_ body: (_ port: UInt16, _ source: Source) async throws -> Void) async throws {
        let group = EventLoopGroup(count: 1)
        let source = Source()
        let server = try MetricsServer(on: .loopback(port: 0), group: group, source: source)
        do { try await body(try #require(server.address.port), source) } catch {
            await group.stop()
            throw error
        }
        server.stop()
        await group.stop()
    }

    private func curl(_ port: UInt16, _ request: String) async throws -> String {
        let words = request.replacing("/:", with: "http://127.0.0.1:\(port)/").split(separator: " ").map(String.init)
        return try await Command("curl", ["-sS", "-w", " %{http_code} %{content_type}", "--max-time", "60"] + words)
            .output()
    }

    @Test func `a scraper gets its figures, and a probe its answer`() async throws {
        try await serve { port, source in
            let metrics = try await curl(port, "/:metrics")
            #expect(
                metrics == """
                    # HELP wt_up Always 1.
                    # TYPE wt_up gauge
                    wt_up 1
                     200 text/plain; version=0.0.4; charset=utf-8
                    """)
            let good = try await [curl(port, "/:healthz"), curl(port, "/:readyz")]
            #expect(good == [String](repeating: "ok\n 200 text/plain; charset=utf-8", count: 2))
            source.alive.withLock { $0 = false }
            source.reasons.withLock { $0 = ["the disk is \u{1b}[2Jfull", "the gateway is shutting down"] }
            let bad = try await [curl(port, "/:healthz"), curl(port, "/:readyz")]
            #expect(
                bad == [
                    "service unavailable\n 503 text/plain; charset=utf-8",
                    "the disk is \\x1b[2Jfull\nthe gateway is shutting down\n 503 text/plain; charset=utf-8",
                ])
        }
    }

    @Test(arguments: [
        ("/:", " 404 "), ("/:metrics/../etc/passwd --path-as-is", " 404 "), ("/:metrics -d x", " 405 "),
        ("/:metrics -X DELETE", " 405 "), ("/:metrics -I", "Content-Length: 50\r\n"),
        ("/:metrics -H Host:evil.example", " 421 "),
    ])
    func `nothing else is there, and nothing else can be done`(_ request: String, _ answer: String) async throws {
        try await serve { port, _ in
            let text = try await curl(port, request)
            #expect(text.contains(answer), "\(text)")
        }
    }

    @Test func `a second request on the connection is never read`() async throws {
        try await serve { port, _ in
            let answers = try await talk(
                port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
            )
            #expect(answers.split(separator: "HTTP/1.1 ").count == 1)
            #expect(answers.contains("Connection: close\r\n"))
        }
    }

    @Test func `who says nothing, or too little, is not waited for without end`() async throws {
        try await serve { port, _ in
            // The test's time limit is the bound.
            let nothing = try await talk(port, "GET /healthz HTTP/1.1\r\nHost: loc", keepsOpen: true)
            #expect(nothing == "")
            let answer = try await curl(port, "/:healthz")
            #expect(answer.contains(" 200 "))
        }
    }

    /// Sends these bytes, and gives back all that comes until the end.
    private func talk(_ port: UInt16, _ text: String, keepsOpen: Bool = false) async throws -> String {
        let script = """
            import socket, sys
            s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            s.sendall(sys.stdin.buffer.read())
            if sys.argv[2] == "end": s.shutdown(socket.SHUT_WR)
            data = b""
            try:
                while piece := s.recv(65536): data += piece
            except ConnectionResetError: pass
            sys.stdout.buffer.write(data)
            """
        return try await Command(
            "/usr/bin/python3", ["-c", script, "\(port)", keepsOpen ? "stay" : "end"], input: text
        ).output()
    }
}
