import Protocols
import Testing

struct TimelineRowsTests {
    @Test func `rows give back the cells that made them, in rows of any length`() {
        var rows = TimelineRows()
        #expect(rows.isEmpty && rows.values.isEmpty)
        rows.append("name")
        rows.appendNull()
        rows.append("")
        rows.endRow()
        rows.endRow()
        rows.append(String(repeating: "é", count: 300))
        rows.endRow()
        #expect(
            rows.values == [
                [.text("name"), .null, .text("")], [], [.text(String(repeating: "é", count: 300))],
            ])
    }

    @Test(
        arguments: [
            ([], .max), (Array("plain".utf8), .max), (Array("Größe".utf8), .max), ([0x61, 0xff, 0x62, 0xc3], .max),
            (Array("Größe".utf8), 3), (Array("plain".utf8), 2), ([0xff, 0xfe], 1), (Array("tab\tNUL\0".utf8), 5),
        ] as [([UInt8], Int)])
    func `what a peer said is shown as DisplayText shows it`(_ bytes: [UInt8], _ limit: Int) {
        var rows = TimelineRows()
        rows.append("before")
        rows.append(decoding: bytes.span, limit: limit)
        rows.append("after")
        rows.endRow()
        let shown = DisplayText.decode(bytes.span, limit: limit)
        #expect(rows.values == [[.text("before"), .text(shown), .text("after")]])
    }
}
