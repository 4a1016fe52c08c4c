import Protocols
import Testing
import WireTestKit

private let get = client("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
private let head = client("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")

@Suite struct HTTPDecoderTests {
    @Test func `requests and responses of known length follow each other`() {
        let story = httpStory([
            get, server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
            client("POST /b?c HTTP/1.1\r\nhost:x:80\r\nCONTENT-LENGTH: 3\r\n\r\nabc"),
            server("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
        ])
        #expect(story.client == ["GET /a none", "POST /b?c length(3) + 3", "abc."])
        #expect(story.server == ["200 OK length(5) + 5", "hello.", "201 Created length(0)"])
        #expect(story.fault == nil)
    }

    @Test func `chunks come one by one, and trailers end them`() {
        let story = httpStory([
            client("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"),
            client("3;sig=\"a;b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nDigest: q\r\n\r\n"),
            server("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
        ])
        #expect(
            story.client == [
                "PUT / chunked", "chunk 3;sig=\"a;b\" + 3", "abc.", "chunk end", "chunk 10 + 10", "0123456789.",
                "chunk end", "trailers Digest=q",
            ])
        #expect(story.server == ["200 OK chunked", "trailers"])
    }

    @Test func `a response is read by the method of its request`() {
        let story = httpStory([
            head, get, get, get,
            server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
            server("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"),
            server("HTTP/1.0 200 \r\n\r\nuntil the end"),
        ])
        #expect(
            story.server == [
                "200 OK none", "204 No Content none", "304 Not Modified none", "103 Early Hints none",
                "200  untilClose last + until close", "until the end",
            ])
    }

    @Test func `a response waits for its request`() {
        let story = httpStory([server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")])
        #expect(story.server.isEmpty && story.fault == nil)
        let later = httpStory([server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), get])
        #expect(later.server == ["200 OK length(2) + 2", "hi."])
    }
}
