import Protocols
import Testing
import WireTestKit

/// What comes out, and must come out however the text is cut.
private func items(_ text: String, limit: Int = 100) -> [SSEItem] {
    let bytes = Array(text.utf8)
    func read(_ chunking: Chunking) -> [SSEItem] {
        var decoder = SSEDecoder(limit: limit)
        var items: [SSEItem] = []
        for piece in chunking.pieces(of: bytes.count) {
            decoder.read(bytes.span.extracting(piece)) { items.append($0) }
        }
        return items
    }
    let whole = read(.whole)
    for chunking in Chunking.all.dropFirst() { #expect(read(chunking) == whole, "\(chunking)") }
    return whole
}

private func events(_ text: String) -> [String] {
    items(text).map {
        switch $0 {
        case .event(let event):
            "\(event.type)/\(event.lastEventID)/\(String(decoding: event.data, as: UTF8.self))/\(event.range)"
        case .comment(let text): "comment\(text)"
        case .retry(let milliseconds): "retry \(milliseconds)"
        }
    }
}

@Suite struct SSEDecoderTests {
    // The examples of WHATWG HTML §9.2.6.
    @Test func `data lines are joined`() {
        #expect(events("data: YHOO\ndata: +2\ndata: 10\n\n") == ["message//YHOO\n+2\n10/0..<30"])
    }

    @Test func `comments, ids and a space that is one too many`() {
        let text = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
        let found = events(text).map { $0.split(separator: "/").prefix(3).joined(separator: "/") }
        #expect(
            found == [
                "comment test stream", "message/1/first event", "message/second event/40..<62",
                "message/ third event/62..<82",
            ])
    }

    @Test func `an empty data line makes an event, and no data line makes none`() {
        let found = events("data\n\ndata\ndata\n\ndata:")
        #expect(found == ["message///0..<6", "message//\n/6..<17"])
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func `lines end in each of three ways`(_ end: String) {
        let text =
            ["event: add", "data: 1", "", "event: add", "data: 2", "id: 7", "", "retry: 10", "retry: x", ""]
            .joined(separator: end) + end
        let found = events(text).map { $0.split(separator: "/").prefix(3).joined(separator: "/") }
        #expect(found.count == 3 && found[0].hasPrefix("add/1") && found[1] == "add/7/2" && found[2] == "retry 10")
    }

    @Test func `a byte order mark is skipped, and an id with NUL is none`() {
        #expect(events("\u{feff}data: a\nid: b\0\n\n") == ["message//a/0..<19"])
    }

    @Test func `what is longer than the limit is cut, and says so`() throws {
        let found = items("data: \(String(repeating: "a", count: 200))\ndata: b\n\ndata: c\n\n", limit: 10)
        guard case .event(let long)? = found.first, case .event(let short)? = found.last else {
            Issue.record("\(found)")
            return
        }
        #expect(long.isCut && long.data.count == 10 && !short.isCut && short.data == [0x63] && found.count == 2)
    }

    @Test func `lines of one's own may stand between two events only`() {
        var decoder = SSEDecoder()
        var between = ""
        for character in ": a\r\ndata: b\r\n\r\nid: 1\n\n" {
            decoder.read(Array(String(character).utf8).span) { _ in }
            between += decoder.isBetweenEvents ? "1" : "0"
        }
        #expect(between.hasSuffix("1") && between.contains("0"))
        decoder.read(Array("event: x\n".utf8).span) { _ in }
        #expect(!decoder.isBetweenEvents)
    }

    @Test(arguments: ["", "a", "a\nb", "a\r\nb\rc\n", "data: x\n\n"])
    func `what is written is read as the same`(_ text: String) throws {
        let bytes = SSEEvent.encode(Array(text.utf8).span, type: "t\r\nx", id: "1\0")
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        guard case .event(let event)? = items(String(decoding: bytes, as: UTF8.self)).first else {
            Issue.record("no event")
            return
        }
        #expect(event.type == "tx" && event.lastEventID == "1" && event.data == Array(lines.utf8))
        #expect(items(String(decoding: SSEEvent.encode(comment: "a\nb"), as: UTF8.self)) == [.comment(" ab")])
    }
}
