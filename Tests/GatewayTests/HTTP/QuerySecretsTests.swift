import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// Credentials in queries reach the server, and no recording.
@Suite struct QuerySecretsTests {
    private static func filled(_ text: String, _ more: String...) -> String {
        var bytes = Array(text.utf8)
        for range in QuerySecrets(more).ranges(in: Array(text.utf8).span) { for index in range { bytes[index] = 0x2a } }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("/a?access_token=abc", "/a?access_token=***"), ("/a?x=1&access_token=abc&y=2", "/a?x=1&access_token=***&y=2"),
        ("/a?ACCESS_TOKEN=abc;api_key=d", "/a?ACCESS_TOKEN=***;api_key=*"), ("/?token=a=b&c", "/?token=***&c"),
        ("/?access%5ftoken=abc", "/?access%5ftoken=***"), ("/?%61ccess_token=abc", "/?%61ccess_token=***"),
        ("/?x=?&password=%41%42#f", "/?x=?&password=******#f"), ("/?sig=a&sig=b", "/?sig=*&sig=*"),
        ("/?X-Amz-Signature=ab", "/?X-Amz-Signature=**"), ("/?client_secret==", "/?client_secret=*"),
        ("/access_token=abc", "/access_token=abc"), ("/?access_token", "/?access_token"),
        ("/?access_token=", "/?access_token="), ("/?my_access_token=abc", "/?my_access_token=abc"),
        ("/?q=access_token", "/?q=access_token"), ("/?", "/?"), ("", ""), ("/?&&=&;", "/?&&=&;"),
        ("/?a%=b&%6", "/?a%=b&%6"), ("/cb#access_token=abc&x=1", "/cb#access_token=***&x=1"),
        ("https://a/?x=1#id_token=abc", "https://a/?x=1#id_token=***"), ("/#?token=ab", "/#?token=**"), ("/#", "/#"),
    ])
    func `values of known names are filler`(text: String, expected: String) {
        #expect(Self.filled(text) == expected)
    }

    @Test func `so are those that were named besides`() {
        let text = "/?Ticket=abc&token=d&other=e&%74icket=f"
        #expect(Self.filled(text, "ticket", "SID") == "/?Ticket=***&token=*&other=e&%74icket=*")
        #expect(Self.filled(text) == "/?Ticket=abc&token=*&other=e&%74icket=f")
    }

    @Test(arguments: [
        "GET /a?x=1&access_token=geheim HTTP/1.1", "GET http://a/a?access_token=geheim&x=1 HTTP/1.1",
        "TRACE /a?access_token=geheim HTTP/1.1", "GET http://a?access_token=geheim HTTP/1.1",
    ])
    func `what reaches the server is in no recording, nor what is refused`(line: String) {
        var proxy = ScriptedProxy()
        proxy.client(.head(line, "Host: a"))
        #expect(proxy.received().contains("access_token=geheim") != line.hasPrefix("TRACE"))
        #expect(proxy.recorded.contains("access_token=******") && !proxy.recorded.contains("geheim"))
    }

    @Test func `nor where the server knows the path by another name`() {
        var target = HTTPTarget("files", HTTPUpstream(host: "127.0.0.1", port: 9000))
        target.route.path = "/files"
        target.base = "/a/much/longer/base"
        var proxy = ScriptedProxy(target: target)
        proxy.client(.head("GET /files/x?access_token=geheim&y HTTP/1.1", "Host: a"))
        #expect(proxy.received().hasPrefix("GET /a/much/longer/base/x?access_token=geheim&y HTTP/1.1\r\n"))
        #expect(proxy.recorded.contains("GET /a/much/longer/base/x?access_token=******&y HTTP/1.1\r\n"))
        #expect(!proxy.recorded.contains("geheim"))
    }

    @Test(arguments: Chunking.all)
    func `the page that a request comes from reaches the server with its query, and no recording`(chunking: Chunking) {
        let fields = "Referer: https://a/cb?access_token=geheim&x=1\r\nX-A: 1\r\nreferer: https://b/#token=geheim"
        var proxy = ScriptedProxy()
        proxy.client("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", chunking)
        #expect(proxy.received().contains("\r\n\(fields)\r\n"))
        let kept = fields.replacing("geheim", with: "******")
        // On either leg.
        #expect(proxy.recorded.ranges(of: kept).count == 2 && !proxy.recorded.contains("geheim"))
        proxy.client("TRACE / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", chunking)
        #expect(!proxy.recorded.contains("geheim"))
    }

    /// - Parameters:
    ///   - seen: what the client gets.
    @Test(
        arguments: [
            ("https://b.example/cb?code=1&access_token=geheim", "https://b.example/cb?code=1&access_token=geheim"),
            ("/files/x?sig=geheim", "/x?sig=geheim"), ("/elsewhere#id_token=geheim", "/elsewhere#id_token=geheim"),
            ("http://127.0.0.1:9000/files?jwt=geheim&a#token=geheim", "/?jwt=geheim&a#token=geheim"),
        ], ["", "Connection: upgrade\r\n", "Set-Cookie: geheim\r\n"])
    func `where a response leads is told to the client with its query, and to no recording`(
        location: (String, seen: String), fields: String
    ) {
        var target = HTTPTarget("files", HTTPUpstream(host: "127.0.0.1", port: 9000))
        target.base = "/files"
        var proxy = ScriptedProxy(target: target)
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        proxy.server("HTTP/1.1 303 See Other\r\n\(fields)Location: \(location.0)\r\nContent-Length: 0\r\n\r\n")
        #expect(proxy.answered().contains("\r\nLocation: \(location.seen)\r\n"))
        #expect(!proxy.recorded.contains("geheim"))
        #expect(proxy.recorded.contains("Location: \(location.seen.replacing("geheim", with: "******"))\r\n"))
    }

    @Test func `nor where it stands in trailers, or the response is withheld`() {
        var proxy = ScriptedProxy()
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        let trailers = "0\r\nLocation: /?token=geheim\r\n\r\n"
        proxy.server(.head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + trailers)
        #expect(proxy.answered().hasSuffix(trailers) && proxy.recorded.hasSuffix("a query"))
        #expect(!proxy.recorded.contains("geheim") && proxy.recorded.contains("/?token=******"))
        proxy.client(.head("GET / HTTP/1.1", "Host: a"))
        proxy.server(.head("HTTP/1.1 101 Switching", "Location: /?token=geheim", "Upgrade: websocket"))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 ") && !proxy.recorded.contains("geheim"))
    }
}
