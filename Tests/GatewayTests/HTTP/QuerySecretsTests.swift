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
        ("/?a%=b&%6", "/?a%=b&%6"),
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
}
