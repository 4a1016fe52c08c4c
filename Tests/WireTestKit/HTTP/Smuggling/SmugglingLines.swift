// Where lines begin and end, and what is in them (RFC 9112 §2.2, §5).

extension SmugglingCase {
    static let lines: [SmugglingCase] = [
        .init("all lines end in line feeds", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\nHost: x\n\n"),
        .init("the request line ends in a line feed", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\nHost: x\r\n\r\n"),
        .init("a field line ends in a line feed", "RFC 9112 §2.2", .refused, get("A: b\nC: d")),
        .init("the empty line is a line feed", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\r\nHost: x\r\n\n"),
        .init("all lines end in carriage returns", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\rHost: x\r\r"),
        .init(
            "a carriage return in the request line", "RFC 9112 §2.2", .refused, "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a carriage return in a value", "RFC 9112 §2.2", .refused, get("A: b\rContent-Length: 35")),
        .init("a carriage return before CRLF", "RFC 9112 §2.2", .refused, get("A: b\r")),
        .init(
            "a carriage return before the empty line", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\r\nHost: x\r\n\r\r\n"),
        .init("a line feed and then a carriage return", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\n\rHost: x\n\r\n\r"),
        .init(
            "a Unicode line separator in a value", "RFC 9110 §5.5", .one("GET /"), get("A: b\u{2028}Content-Length: 35")
        ),
        .init("a next-line character in a value", "RFC 9110 §5.5", .one("GET /"), get("A: b\u{85}Content-Length: 35")),
        .init(
            "a character whose low byte is a line feed", "Unicode truncation", .one("GET /"),
            get("A: b\u{10a}Content-Length: 35")),
        .init("a folded line", "RFC 9112 §5.2", .refused, get("A: b\r\n c")),
        .init("a line folded with a tab", "RFC 9112 §5.2", .refused, get("A: b\r\n\tc")),
        .init("a folded line behind Host", "RFC 9112 §5.2", .refused, "GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n"),
        .init("a first field line with leading space", "RFC 9112 §2.2", .refused, "GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
        .init("a line of whitespace only", "RFC 9112 §5.2", .refused, "GET / HTTP/1.1\r\nHost: x\r\n \r\n\r\n"),
        .init(
            "an empty line before the request", "RFC 9112 §2.2, one is skipped", .one("GET /"),
            "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "two empty lines before the request", "RFC 9112 §2.2", .refused, "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
        ),
        .init("a line feed before the request", "RFC 9112 §2.2", .refused, "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a space before the request", "RFC 9112 §3", .refused, " GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "a byte order mark before the request", "RFC 9112 §3", .refused, "\u{feff}GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        ),
        .init("a NUL before the request", "RFC 9112 §3", .refused, "\0GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ]

    static let fieldNames: [SmugglingCase] = [
        .init("a space before the colon", "RFC 9112 §5.1", .refused, get("A : b")),
        .init("a tab before the colon", "RFC 9112 §5.1", .refused, get("A\t: b")),
        .init(
            "a space before Transfer-Encoding's colon", "TE.TE, RFC 9112 §5.1", .refused,
            post("Transfer-Encoding : chunked", "0\r\n\r\n")),
        .init("a space in the name", "RFC 9110 §5.1", .refused, get("Content Length: 35")),
        .init("no name", "RFC 9110 §5.1", .refused, get(": b")),
        .init("no colon", "RFC 9112 §5", .refused, get("Content-Length")),
        .init("two colons", "RFC 9112 §5, the value begins with one", .one("GET /"), get("A:: b")),
        .init("a NUL in the name", "RFC 9110 §5.1", .refused, get("Content-\0Length: 35")),
        .init("a bell in the name", "RFC 9110 §5.1", .refused, get("Content-Length\u{07}: 35")),
        .init("a slash in the name", "RFC 9110 §5.6.2", .refused, get("a/b: c")),
        .init("a bracket in the name", "RFC 9110 §5.6.2", .refused, get("a[b]: c")),
        .init("a quote in the name", "RFC 9110 §5.6.2", .refused, get("\"Content-Length\": 35")),
        .init("a Kelvin sign in the name", "Unicode case folding", .refused, get("\u{212a}: b")),
        .init("a long s in Host", "Unicode case folding", .refused, "GET / HTTP/1.1\r\nHo\u{17f}t: x\r\n\r\n"),
        .init("a soft hyphen in Content-Length", "RFC 9110 §5.6.2", .refused, get("Content\u{ad}-Length: 35")),
        .init("a name of all token characters", "RFC 9110 §5.6.2", .one("GET /"), get("!#$%&'*+-.^_`|~09azAZ: b")),
        .init(
            "an underscore for the hyphen", "CGI names", .one("POST /"),
            post("Content_Length: 35\r\nContent-Length: 0", "")),
        .init("a request line as a field", "RFC 9112 §5", .refused, get("GET /smuggled HTTP/1.1")),
    ]

    static let fieldValues: [SmugglingCase] = [
        .init("a NUL in a value", "RFC 9110 §5.5", .refused, get("A: b\0c")),
        .init("a bell in a value", "RFC 9110 §5.5", .refused, get("A: b\u{07}c")),
        .init("DEL in a value", "RFC 9110 §5.5", .refused, get("A: b\u{7f}c")),
        .init("an escape in a value", "RFC 9110 §5.5", .refused, get("A: \u{1b}[2J")),
        .init("a vertical tab before a value", "RFC 9110 §5.5", .refused, get("A:\u{0b}b")),
        .init("a tab in a value", "RFC 9110 §5.5", .one("GET /"), get("A: b\tc")),
        .init("no value", "RFC 9110 §5.5", .one("GET /"), get("A:")),
        .init("no space before a value", "RFC 9112 §5.1", .one("GET /"), get("A:b")),
        .init("UTF-8 in a value", "RFC 9110 §5.5, obs-text", .one("GET /"), get("A: \u{e4}\u{1f600}")),
        .init(
            "an escaped line end in a value", "RFC 9110 §5.5, no escapes there", .one("GET /"),
            get("A: b%0d%0aContent-Length: 35")),
        .init(
            "a hundred fields and one", "bounded", .refused,
            get((1...100).map { "A\($0): b" }.joined(separator: "\r\n"))),
        .init("a value of 64 KiB", "bounded", .refused, get("A: " + String(repeating: "b", count: 65_536))),
    ]

    /// Nothing is wrong with these; a reader that refuses them is of no use.
    static let plain: [SmugglingCase] = [
        .init("a plain GET", "RFC 9112 §2.1", .one("GET /"), get("Accept: */*")),
        .init(
            "a POST of known length", "RFC 9112 §6.2", .one("POST /", content: "abc"), post("Content-Length: 3", "abc")),
        .init("a POST of length 0", "RFC 9112 §6.2", .one("POST /"), post("Content-Length: 0", "")),
        .init("a POST without content", "RFC 9112 §6.3 rule 7", .one("POST /"), post("A: b", "")),
        .init(
            "a length with whitespace around", "RFC 9112 §5.1", .one("POST /", content: "abc"),
            post("Content-Length: \t3 \t", "abc")),
        .init(
            "a length in mixed case", "RFC 9110 §5.1", .one("POST /", content: "abc"), post("cONTENT-lENGTH: 3", "abc")),
        .init("chunks", "RFC 9112 §7.1", .one("POST /", content: "abcde"), chunked("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")),
        .init(
            "content that looks like chunks", "RFC 9112 §6.2", .one("POST /", content: "0\r\n\r\n"),
            post("Content-Length: 5", "0\r\n\r\n")),
        .init("an unknown method", "RFC 9110 §9.1", .one("PURGE /"), "PURGE / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("HTTP/1.0 without Host", "RFC 9112 §3.2", .one("GET /"), "GET / HTTP/1.0\r\n\r\n"),
        .init("HTTP/1.0 with Host", "RFC 9112 §3.2", .one("GET /"), "GET / HTTP/1.0\r\nHost: x\r\n\r\n"),
    ]
}
