import Glibc
import Protocols

/// Nanoseconds of CPU time that one round takes, the best of seven runs.
func measure(_ name: String, rounds: Int = 100_000, _ round: () throws -> Void) rethrows {
    var best = Int.max
    for _ in 0..<7 {
        var start = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        for _ in 0..<rounds { try round() }
        var end = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        best = min(best, (end.tv_sec - start.tv_sec) * 1_000_000_000 + end.tv_nsec - start.tv_nsec)
    }
    print("\(name): \(best / rounds) ns")
}

let curl = Array("GET /orders?id=7 HTTP/1.1\r\nHost: shop:8080\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n".utf8)
let browser = Array(
    """
    GET /orders?id=7 HTTP/1.1\r\nHost: shop.example:8080\r\nConnection: keep-alive\r\n\
    sec-ch-ua: "Chromium";v="120", "Not?A_Brand";v="8"\r\nsec-ch-ua-mobile: ?0\r\nUpgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\
    \r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
    Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n\
    Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\nCookie: session=0123456789abcdef\r\n\r\n
    """.utf8)
let answer =
    Array(
        """
        HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 11:00:00 GMT\r\nContent-Type: text/plain\r\n\
        Content-Length: 1024\r\nConnection: keep-alive\r\nETag: "5f0c-400"\r\nAccept-Ranges: bytes\r\n\r\n
        """.utf8) + [UInt8](repeating: 0x61, count: 1024)
let chunks =
    Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    + (0..<100).flatMap { _ in Array("23\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":1234}\r\n\r\n".utf8) }
    + Array("0\r\n\r\n".utf8)

/// Reads all of `bytes`, and returns how many steps that took.
@inline(never)
func read(_ bytes: [UInt8], _ direction: Direction, _ decoder: inout HTTPDecoder) throws -> Int {
    let span = bytes.span
    var head = 0
    var steps = 0
    while head < span.count {
        steps += 1
        switch try decoder.step(span.extracting(head...), direction) {
        case .message(_, let length), .head(_, let length, _), .body(let length, _): head += length
        case .needMore, .awaitOther, .become, .opaque: fatalError("not read to the end")
        }
    }
    return steps
}

/// The head as a proxy passes it on: hop-by-hop fields left out, one added.
@inline(never)
func rewrite(_ bytes: [UInt8], _ decoder: inout HTTPDecoder) throws -> Int {
    let span = bytes.span
    guard case .message(.request(let head), _) = try decoder.step(span, .clientToServer) else { return 0 }
    let hopByHop = HTTPHopByHop(head.fields, span)
    var encoder = try HTTPHeadEncoder(head, span)
    for field in head.fields where !hopByHop.contains(field, span) { encoder.copy(field, from: span) }
    try encoder.add("Via", "1.1 wiretrail")
    return encoder.finish().count
}

var decoder = HTTPDecoder(limits: WireLimits(), pipelining: .waits)
try measure("curl's GET and 200 with 1 KiB") {
    _ = try read(curl, .clientToServer, &decoder)
    _ = try read(answer, .serverToClient, &decoder)
}
try measure("Chromium's GET and 200 with 1 KiB") {
    _ = try read(browser, .clientToServer, &decoder)
    _ = try read(answer, .serverToClient, &decoder)
}
var ahead = HTTPDecoder(limits: WireLimits())
try measure("curl's GET and 100 chunks", rounds: 1000) {
    _ = try read(curl, .clientToServer, &ahead)
    _ = try read(chunks, .serverToClient, &ahead)
}
try measure("Chromium's GET, read and written anew") {
    var decoder = HTTPDecoder(limits: WireLimits())
    _ = try rewrite(browser, &decoder)
}
var events = SSEDecoder()
let event = Array("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1234,\"result\":{}}\n\n".utf8)
measure("an event of 60 bytes") { events.read(event.span) { _ in } }
