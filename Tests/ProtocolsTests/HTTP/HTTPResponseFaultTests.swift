import Protocols
import Testing
import WireTestKit

/// A response that breaks the protocol, and at which byte.
struct BrokenResponse: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: String
    let offset: UInt64
    var request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    var code = WireFault.Code.malformed

    init(_ name: String, _ bytes: String, at offset: UInt64) {
        testDescription = name
        self.bytes = bytes
        self.offset = offset
    }
}

private let upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"

private let broken: [BrokenResponse] = [
    .init("both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", at: 55),
    .init("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", at: 52),
    .init("a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", at: 33),
    .init("a coding that is not chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", at: 36),
    .init("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", at: 36),
    .init("204 with content", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", at: 41),
    .init("100 with content", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", at: 42),
    .init("HTTP/0.9", "<html>", at: 0),
    .init("a version that is too high", "HTTP/2 200\r\n\r\n", at: 5),
    .init("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", at: 11),
    .init("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", at: 12),
    .init("a status below 100", "HTTP/1.1 099 OK\r\n\r\n", at: 9),
    .init("a line feed in the status line", "HTTP/1.1 200 OK\nA: b\r\n\r\n", at: 15),
    .init("a NUL in the reason", "HTTP/1.1 200 \0\r\n\r\n", at: 13),
    .init("a folded line", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", at: 23),
    .init("a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n", at: 31),
    .init("a chunk size with a sign", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\n", at: 47),
]

@Suite struct HTTPResponseFaultTests {
    @Test(arguments: broken)
    func `a response that can be read in two ways is the server's fault`(_ response: BrokenResponse) {
        let story = httpStory([client(response.request), server(response.bytes)])
        #expect(story.fault?.direction == .serverToClient)
        #expect(story.fault?.code == response.code)
        #expect(story.fault?.offset == response.offset)
    }

    @Test func `101 comes only where an upgrade was asked for`() {
        let story = httpStory([client("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), server(upgrade)])
        #expect(story.fault?.code == .unexpectedMessage)
        let other = httpStory([
            client("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
            server("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"),
        ])
        #expect(other.fault?.direction == .serverToClient)
    }

    @Test func `a message cut short is a fault, and a body until the end is not`() throws {
        func end(_ response: String) throws -> Step<HTTPMessage>? {
            var decoder = HTTPDecoder(limits: WireLimits())
            _ = try decoder.step(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span, .clientToServer)
            _ = try decoder.step(Array(response.utf8).span, .serverToClient)
            return try decoder.end(.serverToClient)
        }
        #expect(throws: WireFault.self) { _ = try end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") }
        #expect(throws: WireFault.self) { _ = try end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") }
        guard case .body(0, isLast: true)? = try end("HTTP/1.1 200 OK\r\n\r\n") else {
            Issue.record("no end")
            return
        }
        #expect(try end("HTTP/1.1 204 No Content\r\n\r\n") == nil)
    }
}
