import Testing
import WireTestKit

@testable import Gateway

/// Event streams are cut where an event can end, and nowhere else.
@Suite struct EventBlocksTests {
    private static func cut(_ text: String, _ chunking: Chunking, limit: Int = 1_000) -> (found: [String], rest: Int) {
        var blocks = EventBlocks(limit: limit)
        let bytes = Array(text.utf8)
        var found: [String] = []
        for piece in chunking.pieces(of: bytes.count) {
            for item in blocks.take(bytes.span.extracting(piece)) {
                if case .block(let block) = item {
                    found.append(String(decoding: block, as: UTF8.self))
                } else {
                    found.append("?")
                }
            }
        }
        return (found, bytes.count - found.reduce(0) { $0 + $1.utf8.count })
    }

    @Test(arguments: ["\n", "\r", "\r\n"], Chunking.all)
    func `an empty line ends a block, whatever its lines end in`(end: String, chunking: Chunking) {
        let stream = ["data: a", "id: 1", "", ": ping", "", "", "data: b", "", "data: half"].joined(separator: end)
        let cut = Self.cut(stream, chunking)
        let text = cut.found.joined()
        #expect(text.utf8.elementsEqual(stream.utf8.dropLast("data: half".utf8.count)))
        let told = cut.found.filter { $0.contains(":") }
        #expect(told.count == 3 && told[0].contains("id: 1") && told[1].contains("ping") && told[2].contains("data: b"))
    }

    @Test func `no line end is kept back`() {
        #expect(Self.cut("data: a\r\n\r\n", .whole).found == ["data: a\r\n\r\n"])
        #expect(Self.cut("data: a\r\n\r\n", .byteByByte).found == ["data: a\r\n\r", "\n"])
    }

    @Test(arguments: Chunking.all)
    func `a block above the limit is nothing, and the next one is there`(chunking: Chunking) {
        let stream = "data: \(String(repeating: "x", count: 100))\n\ndata: b\n\n"
        #expect(Self.cut(stream, chunking, limit: 50).found == ["?", "data: b\n\n"])
    }
}
