import Protocols
import Testing
import WireTestKit

@testable import Gateway

@Suite struct HTTPSAddressTests {
    @Test(
        arguments: [
            ("https://login.example", "login.example", 443, "/", "login.example"),
            ("https://login.example/", "login.example", 443, "/", "login.example"),
            ("https://login.example:8443/a/b?c=d", "login.example", 8443, "/a/b?c=d", "login.example:8443"),
            ("https://[::1]/keys", "::1", 443, "/keys", "[::1]"),
            ("https://[::1]:1/keys", "::1", 1, "/keys", "[::1]:1"),
        ] as [(String, String, UInt16, String, String)])
    func `a URL is host, port and target`(
        _ url: String, _ host: String, _ port: UInt16, _ target: String, _ authority: String
    ) throws {
        let address = try #require(HTTPSAddress(url))
        #expect(address.host == host && address.port == port)
        #expect(address.target == target && address.authority == authority)
    }

    @Test(arguments: [
        "", "http://login.example/", "file:///etc/passwd", "https://", "https:///keys", "https://:443/", "https://a:0/",
        "https://a:65536/", "https://a:x/", "https://user@a/", "https://a?x", "https://a/#x", "https://a /",
        "https://a/\r\nX: y",
        "https://ä/", "https://[::1/", "https://[::1]x/", "HTTPS://a/",
    ])
    func `what is no plain https URL is none`(_ url: String) {
        #expect(HTTPSAddress(url) == nil)
    }

    @Test func `the request asks for the document as it is`() throws {
        let request = String(decoding: try #require(HTTPSAddress("https://a.example:1/k?x")).request, as: UTF8.self)
        #expect(request.hasPrefix("GET /k?x HTTP/1.1\r\nHost: a.example:1\r\n"))
        #expect(request.contains("\r\nAccept-Encoding: identity\r\n") && request.hasSuffix("\r\n\r\n"))
    }
}

@Suite struct KeyAnswerTests {
    private static let head = "HTTP/1.1 200 OK\r\n"
    private static let request = Array("GET /keys HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    /// The document, if it is whole behind these pieces.
    private func document(_ pieces: [[UInt8]]) throws(KeyAnswer.Fault) -> [UInt8]? {
        var answer = try KeyAnswer(to: Self.request)
        var document: [UInt8]?
        for piece in pieces { document = try answer.receive(piece.span) ?? document }
        return document
    }

    private func fault(_ answer: String) -> KeyAnswer.Fault? {
        do throws(KeyAnswer.Fault) {
            let document = try document([Array(answer.utf8)])
            Issue.record("\(document.map { String(decoding: $0, as: UTF8.self) } ?? "incomplete")")
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        head + "Content-Length: 2\r\n\r\n{}", head + "content-length:2\r\nContent-Encoding: identity\r\n\r\n{}",
        "HTTP/1.0 200 \r\nContent-Length:  2 \r\nX: ä\r\n\r\n{}",
        "HTTP/1.1 103 Early Hints\r\n\r\n" + head + "Content-Length: 2\r\n\r\n{}",
        head + "Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        head + "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n01\r\n}\r\n000\r\n\r\n",
    ])
    func `a document is there once the answer's last byte is`(_ answer: String) throws {
        let bytes = Array(answer.utf8)
        #expect(try document([bytes]) == Array("{}".utf8))
        #expect(try document(bytes.map { [$0] }) == Array("{}".utf8))
        #expect(try document([bytes + Array("and more".utf8)]) == Array("{}".utf8))
        for count in 0..<bytes.count { #expect(try document([Array(bytes[..<count])]) == nil) }
    }

    @Test(arguments: [201, 204, 206, 301, 302, 307, 308, 401, 404, 500])
    func `any status but 200 is no answer, a redirect least of all`(_ code: Int) {
        let length = code == 204 ? "" : "Content-Length: 2\r\n"
        let answer = "HTTP/1.1 \(code) X\r\nLocation: https://evil.example/\r\n\(length)\r\n{}"
        #expect(fault(answer) == .status(code))
    }

    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2\r\nTransfer-Encoding: chunked", "X: y",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Content-Length: +2", "Content-Length: 2, 2",
        "Content-Length: -1", "Content-Length: ", "Content-Length: 0x2", "Content-Length: 99999999999999999999",
        "Content-Length: 2\r\nContent-Encoding: gzip", "Content-Length : 2", "Content-Length: 2\r\n folded", ": 2",
        "nothing",
    ])
    func `a document of doubtful length is none`(_ fields: String) {
        guard case .malformed = fault(Self.head + fields + "\r\n\r\n{}") else {
            Issue.record("not malformed")
            return
        }
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n", "\r\n\r\n", "HTTP/1.1\r\n\r\n",
    ])
    func `what is not HTTP is none`(_ answer: String) {
        guard case .malformed = fault(answer) else {
            Issue.record("not malformed")
            return
        }
    }

    @Test(arguments: [
        "x\r\n{}", "\r\n", "-2\r\n{}\r\n", "2 \r\n{}\r\n", "2\r\n{}XX0\r\n", "0x2\r\n{}\r\n",
    ])
    func `chunks that are none end it`(_ chunks: String) {
        guard case .malformed = fault(Self.head + "Transfer-Encoding: chunked\r\n\r\n" + chunks) else {
            Issue.record("not malformed")
            return
        }
    }

    @Test func `head and document are bounded`() {
        guard case .malformed = fault(Self.head + "X: " + String(repeating: "x", count: 16 << 10)) else {
            Issue.record("a head without end")
            return
        }
        #expect(fault(Self.head + "Content-Length: 1048577\r\n\r\n") == .tooLong)
        let half = "80000\r\n" + String(repeating: "x", count: 0x80000) + "\r\n"
        #expect(fault(Self.head + "Transfer-Encoding: chunked\r\n\r\n" + half + half + "1\r\nx\r\n") == .tooLong)
    }
}

@Suite struct KeyFreshnessTests {
    private static let second: UInt64 = 1_000_000_000

    private var freshness = KeyFreshness()

    /// - Parameter time: in seconds.
    private mutating func isDue(at time: UInt64, isMissed: Bool = false) -> Bool {
        freshness.isDue(at: time * Self.second, isMissed: isMissed)
    }

    @Test mutating func `keys are fetched when first needed, and when they are ten minutes old`() {
        let first = isDue(at: 0, isMissed: true)
        freshness.succeed(at: 0)
        let (before, after) = (isDue(at: 599), isDue(at: 600))
        #expect(first && !before && after)
    }

    @Test mutating func `whatever strangers send, a minute passes between two attempts`() {
        let times = (0..<180).filter { isDue(at: $0, isMissed: true) }
        #expect(times == [0, 60, 120])
    }

    @Test mutating func `a failed attempt is repeated after a minute`() {
        let times = (0..<100).filter { isDue(at: $0) }
        #expect(times == [0, 60])
    }
}
