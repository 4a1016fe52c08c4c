import Protocols
import Testing
import WireTestKit

/// Many requests under way at once: each answer belongs to the oldest of them.
@Suite struct PostgresPipelineTests {
    private static let count = 200
    private static let ready = message("Z", Array("I".utf8))

    @Test(arguments: [Chunking.whole, .byteByByte])
    func `answers find their statements however many are under way`(_ chunking: Chunking) {
        var turns = [client(Bytes.startup), server(Bytes.authenticationOk, Self.ready)]
        for number in 0..<Self.count { turns.append(client(request(number))) }
        for number in 0..<Self.count { turns.append(server(answer(number))) }
        let told = statements(turns, chunking)
        let expected = (0..<Self.count).flatMap { number in
            [String](repeating: "\(title(number)) has \(number) rows", count: number % 3 == 0 ? 2 : 1)
        }
        #expect(told.map(\.words).sorted() == expected.sorted())
        #expect(told.allSatisfy { $0.event.outcome == .succeeded })
        let remarked = told.filter { $0.event.fields.contains { $0.name == "notices" } }
        #expect(
            remarked.map(\.words).sorted() == expected.filter { $0.hasPrefix("EXTENDED") }.sorted(),
            "what is said at Parse belongs to the Execute")
    }

    private func title(_ number: Int) -> String {
        switch number % 3 {
        case 0: "TWICE \(number)"
        case 1: "EXTENDED \(number)"
        default: "SIMPLE \(number)"
        }
    }

    private func request(_ number: Int) -> [UInt8] {
        switch number % 3 {
        case 0: message("Q", text("\(title(number)); \(title(number))"))
        case 1:
            message("P", text(""), text(title(number)), int16(0))
                + message("B", text(""), text(""), int16(0), int16(0), int16(0))
                + message("E", text(""), int32(0)) + message("S")
        default: message("Q", text(title(number)))
        }
    }

    private func answer(_ number: Int) -> [UInt8] {
        let complete = message("C", text("SELECT \(number)"))
        let notice = message("N", text("SNOTICE"), text("C00000"), text("Mso it is"), [0])
        return switch number % 3 {
        case 0: complete + complete + Self.ready
        case 1: notice + message("1") + message("2") + complete + Self.ready
        default: complete + Self.ready
        }
    }

    private func statements(
        _ turns: [WireTurn], _ chunking: Chunking
    ) -> [(event: TimelineEvent, words: String)] {
        var builder = PostgresTimeline(limits: WireLimits())
        let time = Timestamp(monotonicNanoseconds: 0, wallNanoseconds: 0)
        for case .bytes(let bytes, let direction) in turns {
            for piece in chunking.pieces(of: bytes.count) {
                builder.data(bytes.span.extracting(piece), direction, stream: 0, at: time)
            }
        }
        builder.finish(at: time)
        return builder.drain().filter { $0.kind == "postgres.statement" }.map { event in
            var rows = "no"
            for case .integer(let count) in event.fields.filter({ $0.name == "rows" }).map(\.value) {
                rows = "\(count)"
            }
            return (event, "\(event.title) has \(rows) rows")
        }
    }
}
