// How long the content is said to be (RFC 9112 §6).

extension SmugglingCase {
    static let contentLength: [SmugglingCase] = [
        .init(
            "two that differ", "RFC 9112 §6.3 rule 5", .refused,
            post("Content-Length: 0\r\nContent-Length: 35", smuggled)),
        .init("two that agree", "RFC 9112 §6.3 rule 5", .refused, post("Content-Length: 1\r\nContent-Length: 1", "a")),
        .init("a list that differs", "RFC 9112 §6.3 rule 5", .refused, post("Content-Length: 0, 35", smuggled)),
        .init("a list that agrees", "RFC 9112 §6.3 rule 5", .refused, post("Content-Length: 1, 1", "a")),
        .init("a list of one with a comma", "RFC 9110 §8.6", .refused, post("Content-Length: 1,", "a")),
        .init("a comma before the number", "RFC 9110 §8.6", .refused, post("Content-Length: ,1", "a")),
        .init("a plus sign", "RFC 9110 §8.6", .refused, post("Content-Length: +1", "a")),
        .init("a minus sign", "RFC 9110 §8.6", .refused, post("Content-Length: -1", "a")),
        .init("minus zero", "RFC 9110 §8.6", .refused, post("Content-Length: -0", "")),
        .init("no number", "RFC 9110 §8.6", .refused, post("Content-Length: x", "a")),
        .init("nothing", "RFC 9110 §8.6", .refused, post("Content-Length:", smuggled)),
        .init("only whitespace", "RFC 9110 §8.6", .refused, post("Content-Length: \t ", smuggled)),
        .init("hexadecimal", "RFC 9110 §8.6", .refused, post("Content-Length: 0x1", "a")),
        .init("a hexadecimal digit", "RFC 9110 §8.6", .refused, post("Content-Length: a", "0123456789")),
        .init("a fraction", "RFC 9110 §8.6", .refused, post("Content-Length: 1.0", "a")),
        .init("an exponent", "RFC 9110 §8.6", .refused, post("Content-Length: 1e0", "a")),
        .init("an underscore", "RFC 9110 §8.6, digit grouping", .refused, post("Content-Length: 1_0", "0123456789")),
        .init("quotes", "RFC 9110 §8.6", .refused, post("Content-Length: \"1\"", "a")),
        .init("a leading zero", "RFC 9110 §8.6, octal", .refused, post("Content-Length: 010", "0123456789")),
        .init("two zeros", "RFC 9110 §8.6, octal", .refused, post("Content-Length: 00", "")),
        .init("a space within", "RFC 9110 §8.6", .refused, post("Content-Length: 1 0", "a")),
        .init("a tab within", "RFC 9110 §8.6", .refused, post("Content-Length: 1\t0", "a")),
        .init("a form feed behind", "RFC 9110 §5.5", .refused, post("Content-Length: 1\u{0c}", "a")),
        .init("a vertical tab before", "RFC 9110 §5.5", .refused, post("Content-Length:\u{0b}1", "a")),
        .init("a NUL behind", "RFC 9110 §5.5", .refused, post("Content-Length: 1\0", "a")),
        .init("a no-break space before", "RFC 9110 §5.6.3", .refused, post("Content-Length:\u{a0}1", "a")),
        .init("Arabic digits", "RFC 9110 §8.6", .refused, post("Content-Length: \u{661}", "a")),
        .init("fullwidth digits", "RFC 9110 §8.6", .refused, post("Content-Length: \u{ff11}", "a")),
        .init("above 63 bits", "RFC 9110 §8.6, overflow", .refused, post("Content-Length: 9223372036854775808", "a")),
        .init("2^64 + 1", "RFC 9110 §8.6, overflow", .refused, post("Content-Length: 18446744073709551617", "a")),
        .init(
            "forty digits", "RFC 9110 §8.6, overflow", .refused,
            post("Content-Length: 4444444444444444444444444444444444444444", "a")),
        .init("a parameter", "RFC 9110 §8.6", .refused, post("Content-Length: 1;a", "a")),
        .init("a comment", "RFC 9110 §8.6", .refused, post("Content-Length: 1 (one)", "a")),
        .init("with GET", "CL.0, RFC 9110 §9.3.1", .one("GET /", content: "a"), get("Content-Length: 1") + "a"),
        .init(
            "with HEAD", "CL.0, RFC 9110 §9.3.2", .one("HEAD /", content: "ab"),
            "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"),
        .init(
            "with DELETE", "CL.0, RFC 9110 §9.3.5", .one("DELETE /", content: "a"),
            "DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
        .init(
            "with OPTIONS", "CL.0, RFC 9110 §9.3.7", .one("OPTIONS *", content: "a"),
            "OPTIONS * HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
        .init(
            "a request as content", "CL.0, RFC 9112 §6.2", .one("POST /", content: smuggled),
            post("Content-Length: 35", smuggled)),
        .init(
            "with CONNECT", "RFC 9110 §9.3.6", .refused,
            "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\nContent-Length: 1\r\n\r\na"),
    ]

    static let transferEncoding: [SmugglingCase] = [
        .init("identity", "RFC 9112 §7, obsolete since 7230", .refused, post("Transfer-Encoding: identity", smuggled)),
        .init(
            "chunked, identity", "TE.TE, RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: chunked, identity", "0\r\n\r\n")),
        .init(
            "identity, chunked", "TE.TE, RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: identity, chunked", "0\r\n\r\n")),
        .init(
            "chunked twice in a list", "RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n")),
        .init(
            "chunked in two fields", "RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        .init(
            "chunked, then another field", "TE.TE, RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "0\r\n\r\n")),
        .init(
            "another field, then chunked", "TE.TE, RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        .init(
            "an empty field, then chunked", "TE.TE, RFC 9112 §6.1", .refused,
            post("Transfer-Encoding:\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        .init(
            "gzip, chunked", "RFC 9112 §6.1, no other coding is known", .refused,
            post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n")),
        .init("chunked, gzip", "RFC 9112 §6.3 rule 4", .refused, post("Transfer-Encoding: chunked, gzip", "0\r\n\r\n")),
        .init("gzip", "RFC 9112 §6.3 rule 4", .refused, post("Transfer-Encoding: gzip", smuggled)),
        .init("xchunked", "TE.TE, Kettle 2019", .refused, post("Transfer-Encoding: xchunked", "0\r\n\r\n")),
        .init("chunkedx", "TE.TE", .refused, post("Transfer-Encoding: chunkedx", "0\r\n\r\n")),
        .init("chunk", "TE.TE", .refused, post("Transfer-Encoding: chunk", "0\r\n\r\n")),
        .init("cow", "TE.TE, Kettle 2019", .refused, post("Transfer-Encoding: cow", smuggled)),
        .init("a comma before chunked", "TE.TE", .refused, post("Transfer-Encoding: ,chunked", "0\r\n\r\n")),
        .init("a comma behind chunked", "TE.TE", .refused, post("Transfer-Encoding: chunked,", "0\r\n\r\n")),
        .init(
            "chunked with a parameter", "TE.TE, RFC 9112 §7", .refused,
            post("Transfer-Encoding: chunked;q=1", "0\r\n\r\n")),
        .init("chunked in quotes", "TE.TE", .refused, post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n")),
        .init("chunked in apostrophes", "TE.TE", .refused, post("Transfer-Encoding: 'chunked'", "0\r\n\r\n")),
        .init(
            "a vertical tab before chunked", "TE.TE, Kettle 2019", .refused,
            post("Transfer-Encoding:\u{0b}chunked", "0\r\n\r\n")),
        .init("a NUL behind chunked", "TE.TE", .refused, post("Transfer-Encoding: chunked\0", "0\r\n\r\n")),
        .init(
            "a no-break space before chunked", "TE.TE", .refused, post("Transfer-Encoding:\u{a0}chunked", "0\r\n\r\n")),
        .init("a line feed within", "TE.TE, Kettle 2019", .refused, post("Transfer-Encoding\n: chunked", "0\r\n\r\n")),
        .init(
            "behind a bare carriage return", "TE.TE", .refused, post("X: y\rTransfer-Encoding: chunked", "0\r\n\r\n")),
        .init(
            "chunked on a folded line", "TE.TE, RFC 9112 §5.2", .refused,
            post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n")),
        .init(
            "a Kelvin sign in chunked", "TE.TE, Unicode case folding", .refused,
            post("Transfer-Encoding: chun\u{212a}ed", "0\r\n\r\n")),
        .init(
            "chunked in HTTP/1.0", "RFC 9112 §6.1", .refused,
            "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .init("nothing is encoded", "TE.0", .refused, post("Transfer-Encoding:", smuggled)),
        .init(
            "chunked on OPTIONS", "TE.0, Bhuyan 2024", .one("OPTIONS /", content: "a"),
            "OPTIONS / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
        .init(
            "chunked on GET", "TE.0", .one("GET /", content: "a"),
            get("Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n\r\n"),
        .init(
            "CHUNKED", "RFC 9112 §7, case-insensitive", .one("POST /", content: "a"),
            post("Transfer-Encoding: CHUNKED", "1\r\na\r\n0\r\n\r\n")),
        .init(
            "chunked with whitespace around", "RFC 9112 §5.1", .one("POST /", content: "a"),
            post("Transfer-Encoding: \t chunked\t ", "1\r\na\r\n0\r\n\r\n")),
        .init(
            "Transfer_Encoding", "CGI names", .one("POST /"),
            post("Transfer_Encoding: chunked\r\nContent-Length: 0", "")),
        .init("TE is another field", "RFC 9110 §10.1.4", .one("POST /"), post("TE: chunked\r\nContent-Length: 0", "")),
    ]

    static let bothLengths: [SmugglingCase] = [
        .init(
            "CL.TE", "CL.TE, RFC 9112 §6.1", .refused,
            post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nG")),
        .init(
            "TE.CL", "TE.CL, RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: chunked\r\nContent-Length: 4", "23\r\n\(smuggled)\r\n0\r\n\r\n")),
        .init(
            "both, in agreement", "RFC 9112 §6.1", .refused,
            post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n")),
        .init(
            "both, with length 0", "0.CL", .refused,
            post("Content-Length: 0\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        .init(
            "both, the coding in capitals", "CL.TE", .refused,
            post("Content-Length: 5\r\nTRANSFER-ENCODING: CHUNKED", "0\r\n\r\n")),
        .init(
            "both, far from each other", "CL.TE", .refused,
            post("Content-Length: 5\r\nA: b\r\nC: d\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
        .init(
            "both in HTTP/1.0", "RFC 9112 §6.1", .refused,
            "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .init(
            "a length hidden from Connection's list", "RFC 9110 §7.6.1", .one("POST /", content: "abc"),
            post("Connection: Content-Length\r\nContent-Length: 3", "abc")),
        .init("a length behind whitespace", "0.CL, RFC 9112 §5.1", .refused, post("Content-Length : 35", smuggled)),
        .init(
            "a length on a line with leading space", "0.CL, RFC 9112 §2.2", .refused,
            post(" Content-Length: 35", smuggled)),
        .init("a length on a folded line", "0.CL, RFC 9112 §5.2", .refused, post("Content-Length:\r\n 35", smuggled)),
        .init(
            "an early length on a folded line", "Kettle 2025", .refused,
            post("Content-Length: \r\n 7\r\nA: b", "GET /404")),
        .init(
            "Content-Encoding: chunked is no framing", "RFC 9110 §8.4", .one("POST /", content: "abc"),
            post("Content-Encoding: chunked\r\nContent-Length: 3", "abc")),
    ]
}
