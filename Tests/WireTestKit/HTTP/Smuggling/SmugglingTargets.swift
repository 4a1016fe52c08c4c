// Whom a request is for, and how it says so (RFC 9112 §3).

extension SmugglingCase {
    static let requestLines: [SmugglingCase] = [
        .init("two spaces before the target", "RFC 9112 §3", .refused, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("two spaces behind the target", "RFC 9112 §3", .refused, "GET /  HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a tab before the target", "RFC 9112 §3", .refused, "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a tab behind the target", "RFC 9112 §3", .refused, "GET /\tHTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a space behind the version", "RFC 9112 §3", .refused, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"),
        .init("a space in the target", "RFC 9112 §3.2", .refused, "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("two versions", "RFC 9112 §3", .refused, "GET / HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("no version", "HTTP/0.9", .refused, "GET /\r\nHost: x\r\n\r\n"),
        .init("no target", "RFC 9112 §3", .refused, "GET HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("no method", "RFC 9112 §3", .refused, "/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("HTTP/0.9 by name", "RFC 9112 §2.3", .refused, "GET / HTTP/0.9\r\nHost: x\r\n\r\n"),
        .init("HTTP/1.2", "RFC 9112 §2.3", .refused, "GET / HTTP/1.2\r\nHost: x\r\n\r\n"),
        .init("HTTP/2.0", "RFC 9112 §2.3", .refused, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
        .init("HTTP/1.10", "RFC 9112 §2.3", .refused, "GET / HTTP/1.10\r\nHost: x\r\n\r\n"),
        .init("HTTP/01.1", "RFC 9112 §2.3", .refused, "GET / HTTP/01.1\r\nHost: x\r\n\r\n"),
        .init("HTTP/1,1", "RFC 9112 §2.3", .refused, "GET / HTTP/1,1\r\nHost: x\r\n\r\n"),
        .init("HTTP/+1.1", "RFC 9112 §2.3", .refused, "GET / HTTP/+1.1\r\nHost: x\r\n\r\n"),
        .init("http/1.1", "RFC 9112 §2.3, case-sensitive", .refused, "GET / http/1.1\r\nHost: x\r\n\r\n"),
        .init("HTTPS/1.1", "RFC 9112 §2.3", .refused, "GET / HTTPS/1.1\r\nHost: x\r\n\r\n"),
        .init("a method with a colon", "RFC 9110 §9.1", .refused, "GET: / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a method with a NUL", "RFC 9110 §9.1", .refused, "G\0ET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a method that is not ASCII", "RFC 9110 §9.1", .refused, "G\u{c9}T / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a method in lower case is another", "RFC 9110 §9.1", .one("get /"), "get / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("the preface of HTTP/2", "RFC 9113 §3.4", .refused, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        .init("the first bytes of TLS", "RFC 8446 §5.1", .refused, "\u{16}\u{03}\u{01}\u{02}\0\u{01}\0"),
        .init("a response", "RFC 9112 §2.1", .refused, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ]

    static let hosts: [SmugglingCase] = [
        .init("no Host", "RFC 9112 §3.2", .refused, "GET / HTTP/1.1\r\n\r\n"),
        .init("Host twice", "RFC 9112 §3.2", .refused, get("Host: y")),
        .init("Host twice, alike", "RFC 9112 §3.2", .refused, get("Host: x")),
        .init("Host twice in HTTP/1.0", "RFC 9112 §3.2", .refused, "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"),
        .init("an empty Host", "RFC 9110 §4.2.1", .refused, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        .init("two hosts in a list", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n"),
        .init("a Host with a path", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"),
        .init("a Host with a query", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: x?y\r\n\r\n"),
        .init("a Host with a fragment", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: x#y\r\n\r\n"),
        .init("a Host with user information", "RFC 9110 §4.2.4", .refused, "GET / HTTP/1.1\r\nHost: x@y\r\n\r\n"),
        .init("a Host with a scheme", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: http://x\r\n\r\n"),
        .init("a Host with a backslash", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: x\\y\r\n\r\n"),
        .init("a Host with a space", "RFC 9110 §7.2", .refused, "GET / HTTP/1.1\r\nHost: x y\r\n\r\n"),
        .init(
            "a Host with a port that is no number", "RFC 3986 §3.2.3", .refused, "GET / HTTP/1.1\r\nHost: x:y\r\n\r\n"),
        .init("a Host with two ports", "RFC 3986 §3.2.3", .refused, "GET / HTTP/1.1\r\nHost: x:80:81\r\n\r\n"),
        .init(
            "a Host with a port of six digits", "RFC 3986 §3.2.3", .refused, "GET / HTTP/1.1\r\nHost: x:000080\r\n\r\n"),
        .init("a Host that is only a port", "RFC 9110 §4.2.1", .refused, "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
        .init("a Host that is not ASCII", "RFC 3986 §3.2.2", .refused, "GET / HTTP/1.1\r\nHost: \u{e4}\r\n\r\n"),
        .init("an open bracket in Host", "RFC 3986 §3.2.2", .refused, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        .init(
            "something behind the bracket in Host", "RFC 3986 §3.2.2", .refused,
            "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"),
        .init("IPv6 as Host", "RFC 3986 §3.2.2", .one("GET /"), "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
        .init("X-Host beside Host", "RFC 9110 §7.2", .one("GET /"), get("X-Host: y\r\nX-Forwarded-Host: z")),
    ]

    static let targets: [SmugglingCase] = [
        .init("a URI for another host", "RFC 9112 §3.2.2", .refused, "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a URI with another port", "RFC 9112 §3.2.2", .refused, "GET http://x:81/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "a URI with user information", "RFC 9110 §4.2.4", .refused, "GET http://a@x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a URI without host", "RFC 9110 §4.2.1", .refused, "GET http:/// HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "a URI with a backslash in its host", "RFC 3986 §3.2.2", .refused,
            "GET http://x\\y/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a URI of another scheme", "RFC 9112 §3.2.2", .refused, "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a file URI", "RFC 9112 §3.2.2", .refused, "GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a URI without Host", "RFC 9112 §3.2", .refused, "GET http://x/ HTTP/1.1\r\n\r\n"),
        .init(
            "a URI and the same Host", "RFC 9112 §3.2.2", .one("GET http://x/a?b"),
            "GET http://x/a?b HTTP/1.1\r\nHost: X\r\n\r\n"),
        .init("an asterisk with GET", "RFC 9112 §3.2.4", .refused, "GET * HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("an asterisk and more", "RFC 9112 §3.2.4", .refused, "OPTIONS *x HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "an asterisk with OPTIONS", "RFC 9112 §3.2.4", .one("OPTIONS *"), "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("an authority with GET", "RFC 9112 §3.2.3", .refused, "GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a path with CONNECT", "RFC 9112 §3.2.3", .refused, "CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("CONNECT without a port", "RFC 9110 §9.3.6", .refused, "CONNECT x HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("CONNECT with an empty port", "RFC 9110 §9.3.6", .refused, "CONNECT x: HTTP/1.1\r\nHost: x:\r\n\r\n"),
        .init("CONNECT to another host", "RFC 9112 §3.2.3", .refused, "CONNECT y:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"),
        .init("a relative path", "RFC 9112 §3.2", .refused, "GET a HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("only a query", "RFC 9112 §3.2", .refused, "GET ?a HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a backslash for the slash", "RFC 9112 §3.2", .refused, "GET \\a HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a fragment", "RFC 9112 §3.2", .refused, "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("a NUL in the target", "RFC 9112 §3.2", .refused, "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("DEL in the target", "RFC 9112 §3.2", .refused, "GET /\u{7f} HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("UTF-8 in the target", "RFC 3986 §2", .refused, "GET /\u{e4} HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "an escaped line end in the target", "RFC 3986 §2.1", .one("GET /%0d%0aA:b"),
            "GET /%0d%0aA:b HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init("two slashes are a path", "RFC 9112 §3.2.1", .one("GET //y/a"), "GET //y/a HTTP/1.1\r\nHost: x\r\n\r\n"),
        .init(
            "a URI as query", "RFC 9112 §3.2.1", .one("GET /?http://y/"), "GET /?http://y/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    ]

    static let connections: [SmugglingCase] = [
        .init("a request behind Connection: close", "RFC 9112 §9.6", .refused, get("Connection: close") + smuggled),
        .init("a request behind HTTP/1.0", "RFC 9112 §9.3", .refused, "GET / HTTP/1.0\r\nHost: x\r\n\r\n" + smuggled),
        .init("a Connection option that is no token", "RFC 9110 §7.6.1", .refused, get("Connection: a b")),
        .init("a Connection option in quotes", "RFC 9110 §7.6.1", .refused, get("Connection: \"close\"")),
        .init("Connection names Host", "RFC 9110 §7.6.1", .one("GET /"), get("Connection: Host")),
        .init(
            "Connection names Authorization", "RFC 9110 §7.6.1, Davison 2019", .one("GET /"),
            get("Connection: Authorization\r\nAuthorization: Basic x")),
        .init(
            "Connection names X-Forwarded-For", "RFC 9110 §7.6.1, CVE-2022-1388", .one("GET /"),
            get("Connection: X-Forwarded-For\r\nX-Forwarded-For: 10.0.0.1")),
        .init(
            "bytes behind an upgrade wait for its answer", "h2c smuggling, Bishop Fox 2020", .one("GET /"),
            get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
                + smuggled),
        .init("an upgrade that Connection does not name", "RFC 9110 §7.8", .one("GET /"), get("Upgrade: h2c")),
        .init(
            "an upgrade in HTTP/1.0", "RFC 9110 §7.8", .one("GET /"),
            "GET / HTTP/1.0\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        .init(
            "bytes behind a WebSocket's request wait for its answer", "WebSocket smuggling, 0ang3el 2019",
            .one("GET /"), get("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777") + smuggled),
        .init(
            "Expect with content at once", "RFC 9110 §10.1.1, Kettle 2025", .one("POST /", content: "abc"),
            post("Expect: 100-continue\r\nContent-Length: 3", "abc")),
        .init(
            "Expect of something else", "RFC 9110 §10.1.1", .one("POST /", content: "abc"),
            post("Expect: y 100-continue\r\nContent-Length: 3", "abc")),
    ]
}
