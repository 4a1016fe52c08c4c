// Where chunks begin and end (RFC 9112 §7.1).

extension SmugglingCase {
    static let chunkSizes: [SmugglingCase] = [
        .init(
            "a size in capitals", "RFC 9112 §7.1", .one("POST /", content: "0123456789"),
            chunked("A\r\n0123456789\r\n0\r\n\r\n")),
        .init(
            "a size with leading zeros", "RFC 9112 §7.1, 1*HEXDIG", .one("POST /", content: "a"),
            chunked("0001\r\na\r\n00\r\n\r\n")),
        .init("a size with 0x", "RFC 9112 §7.1", .refused, chunked("0x1\r\na\r\n0\r\n\r\n")),
        .init("a size with a plus sign", "RFC 9112 §7.1", .refused, chunked("+1\r\na\r\n0\r\n\r\n")),
        .init("a size with a minus sign", "RFC 9112 §7.1", .refused, chunked("-1\r\na\r\n0\r\n\r\n")),
        .init(
            "a size with an underscore", "RFC 9112 §7.1, digit grouping", .refused,
            chunked("1_0\r\n0123456789abcdef\r\n0\r\n\r\n")),
        .init("a space before the size", "RFC 9112 §7.1", .refused, chunked(" 1\r\na\r\n0\r\n\r\n")),
        .init("a tab before the size", "RFC 9112 §7.1", .refused, chunked("\t1\r\na\r\n0\r\n\r\n")),
        .init("a space behind the size", "RFC 9112 §7.1", .refused, chunked("1 \r\na\r\n0\r\n\r\n")),
        .init("a tab behind the size", "RFC 9112 §7.1", .refused, chunked("1\t\r\na\r\n0\r\n\r\n")),
        .init("a space behind the last size", "RFC 9112 §7.1", .refused, chunked("0 \r\n\r\n")),
        .init("no size", "RFC 9112 §7.1", .refused, chunked("\r\na\r\n0\r\n\r\n")),
        .init("no digits before an extension", "RFC 9112 §7.1", .refused, chunked(";a\r\n\r\n")),
        .init("a letter beyond F", "RFC 9112 §7.1", .refused, chunked("g\r\na\r\n0\r\n\r\n")),
        .init("a size in quotes", "RFC 9112 §7.1", .refused, chunked("\"1\"\r\na\r\n0\r\n\r\n")),
        .init("a size with a comma", "RFC 9112 §7.1", .refused, chunked("1,1\r\na\r\n0\r\n\r\n")),
        .init("a size with a fraction", "RFC 9112 §7.1", .refused, chunked("1.0\r\na\r\n0\r\n\r\n")),
        .init("a size of 2^64", "RFC 9112 §7.1, overflow", .refused, chunked("10000000000000000\r\n")),
        .init(
            "a size of 2^64 + 1", "RFC 9112 §7.1, overflow", .refused, chunked("10000000000000001\r\na\r\n0\r\n\r\n")),
        .init("a size of 2^63", "RFC 9112 §7.1, overflow", .refused, chunked("8000000000000000\r\n")),
        .init("all digits F", "RFC 9112 §7.1, overflow", .refused, chunked("ffffffffffffffff\r\n")),
        .init(
            "a hundred zeros before the size", "RFC 9112 §7.1, bounded", .refused,
            chunked(String(repeating: "0", count: 100) + "1\r\na\r\n0\r\n\r\n")),
        .init("a NUL behind the size", "RFC 9112 §7.1", .refused, chunked("1\0\r\na\r\n0\r\n\r\n")),
        .init("fullwidth digits as size", "RFC 9112 §7.1", .refused, chunked("\u{ff11}\r\na\r\n0\r\n\r\n")),
        .init("an extension", "RFC 9112 §7.1.1", .one("POST /", content: "a"), chunked("1;a=b\r\na\r\n0;c\r\n\r\n")),
        .init(
            "a quoted extension", "RFC 9112 §7.1.1", .one("POST /", content: "a"),
            chunked("1;a=\"0;\"\r\na\r\n0\r\n\r\n")),
        .init(
            "an extension of a thousand bytes", "RFC 9112 §7.1.1, bounded", .refused,
            chunked("1;" + String(repeating: "a", count: 1000) + "\r\na\r\n0\r\n\r\n")),
        .init(
            "a request in a chunk", "RFC 9112 §7.1", .one("POST /", content: smuggled),
            chunked("23\r\n\(smuggled)\r\n0\r\n\r\n")),
    ]

    static let chunkEnds: [SmugglingCase] = [
        .init("a size that ends in a line feed", "RFC 9112 §2.2", .refused, chunked("1\na\r\n0\r\n\r\n")),
        .init("a size that ends in a carriage return", "RFC 9112 §2.2", .refused, chunked("1\ra\r\n0\r\n\r\n")),
        .init("a size that ends in CR and another", "Kallenberg 2025", .refused, chunked("1\rXa\r\n0\r\n\r\n")),
        .init(
            "an extension that ends in a line feed", "TERM.EXT, Kallenberg 2025", .refused,
            chunked("1;\na\r\n0\r\n\r\n")),
        .init(
            "a line feed within an extension", "EXT.TERM, Kallenberg 2025", .refused,
            chunked("1;a\nb\r\na\r\n0\r\n\r\n")),
        .init(
            "a carriage return within an extension", "EXT.TERM, Kallenberg 2025", .refused,
            chunked("1;a\rb\r\na\r\n0\r\n\r\n")),
        .init(
            "a quoted line end within an extension", "RFC 9112 §7.1.1", .refused,
            chunked("1;a=\"\r\n\"\r\na\r\n0\r\n\r\n")),
        .init("a NUL within an extension", "RFC 9112 §7.1.1", .refused, chunked("1;a\0\r\na\r\n0\r\n\r\n")),
        .init("data that ends in a line feed", "TERM.SPILL, RFC 9112 §7.1", .refused, chunked("1\r\na\n0\r\n\r\n")),
        .init("data that ends in a carriage return", "RFC 9112 §7.1", .refused, chunked("1\r\na\r0\r\n\r\n")),
        .init("data longer than its size", "SPILL.TERM, RFC 9112 §7.1", .refused, chunked("1\r\nabc\r\n0\r\n\r\n")),
        .init("data with two bytes instead of CRLF", "CVE-2025-43859, h11", .refused, chunked("1\r\naXX0\r\n\r\n")),
        .init("data without an end", "RFC 9112 §7.1", .refused, chunked("1\r\na0\r\n\r\n")),
        .init("data shorter than its size", "RFC 9112 §7.1", .refused, chunked("3\r\na\r\n0\r\n\r\n")),
        .init("a last chunk that ends in a line feed", "RFC 9112 §2.2", .refused, chunked("0\n\r\n")),
        .init("an empty line that is a line feed", "RFC 9112 §2.2", .refused, chunked("0\r\n\n")),
        .init("an empty line that is CR and another", "RFC 9112 §2.2", .refused, chunked("0\r\n\rX")),
        .init("a trailer", "RFC 9112 §7.1.2", .one("POST /"), chunked("0\r\nX-Digest: 1\r\n\r\n")),
        .init(
            "Content-Length as a trailer", "RFC 9110 §6.5.1", .refused,
            chunked("0\r\nContent-Length: 35\r\n\r\n\(smuggled)")),
        .init(
            "Transfer-Encoding as a trailer", "RFC 9110 §6.5.1", .refused,
            chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n")),
        .init("Host as a trailer", "RFC 9110 §6.5.1", .refused, chunked("0\r\nHost: y\r\n\r\n")),
        .init(
            "Authorization as a trailer", "RFC 9110 §6.5.1", .refused, chunked("0\r\nAuthorization: Basic x\r\n\r\n")),
        .init("Connection as a trailer", "RFC 9110 §6.5.1", .refused, chunked("0\r\nConnection: close\r\n\r\n")),
        .init("a trailer without a colon", "RFC 9112 §7.1.2", .refused, chunked("0\r\nGET /smuggled HTTP/1.1\r\n\r\n")),
        .init("a trailer that ends in a line feed", "RFC 9112 §2.2", .refused, chunked("0\r\nA: b\n\r\n")),
        .init("a folded trailer", "RFC 9112 §5.2", .refused, chunked("0\r\nA: b\r\n c\r\n\r\n")),
        .init("a NUL in a trailer", "RFC 9110 §5.5", .refused, chunked("0\r\nA: \0\r\n\r\n")),
    ]
}
