import Protocols
import Testing

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
        ("a\u{9b}31mb", "a\\x9b31mb"),
        ("x\u{202e}y\u{2066}z", "x\\u{202e}y\\u{2066}z"),
        ("line\nnext\r\tend", "line\\nnext\\r\\tend"),
        ("del\u{7f}", "del\\x7f"),
        ("\u{200b}\u{feff}\u{2028}", "\\u{200b}\\u{feff}\\u{2028}"),
        ("grüße 世界 🎈", "grüße 世界 🎈"),
    ])
    func `what moves a terminal becomes visible`(_ text: String, _ shown: String) {
        #expect(DisplayText.line(text) == shown)
    }

    @Test func `no unsafe character of all Unicode passes`() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value), DisplayText.isUnsafe(scalar) else { continue }
            let shown = DisplayText.line(String(scalar))
            #expect(!shown.unicodeScalars.contains { DisplayText.isUnsafe($0) }, "U+\(String(value, radix: 16))")
        }
    }

    @Test(
        arguments: [
            ([0x61, 0xff, 0x62], "a\\xffb"),
            ([0xc3, 0xa9], "é"),
            ([0xc3], "\\xc3"),
            ([0xc0, 0x80], "\\xc0\\x80"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
            ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
            ([0xf0, 0x9f, 0x8e, 0x88], "🎈"),
            ([0xe4, 0xb8], "\\xe4\\xb8"),
            ([], ""),
        ] as [([UInt8], String)])
    func `bytes that are no UTF-8 become visible`(_ bytes: [UInt8], _ shown: String) {
        #expect(DisplayText.decode(bytes.span) == shown)
    }

    @Test func `every two bytes decode as Swift decodes them, or are escaped`() {
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max {
                let bytes = [first, second]
                let text = DisplayText.decode(bytes.span)
                if let valid = String(validating: bytes, as: UTF8.self) {
                    #expect(text == valid)
                } else {
                    #expect(text.contains("\\x"))
                }
            }
        }
    }

    @Test func `a limit says how much is left out, and cuts no character`() {
        #expect(DisplayText.decode(Array("abcdef".utf8).span, limit: 4) == "abcd… (2 bytes more)")
        #expect(DisplayText.decode(Array("aé".utf8).span, limit: 2) == "a… (2 bytes more)")
        #expect(DisplayText.decode([0x80, 0x80, 0x80, 0x80, 0x80, 0x80].span, limit: 5).hasSuffix("(4 bytes more)"))
        #expect(DisplayText.line("abcdef", limit: 5) == "abcde… (1 character more)")
        #expect(DisplayText.line("abc", limit: 3) == "abc")
    }

    @Test func `lines stay lines, each of them safe`() {
        #expect(DisplayText.lines("SELECT 1\r\n\tFROM t\u{7}") == ["SELECT 1", "    FROM t\\x07"])
        #expect(DisplayText.lines("abc\ndef\nghi", limit: 5) == ["abc", "de… (1 character more)", "… (1 line more)"])
    }

    @Test(arguments: ["\n", "\t", "\u{1}", "\u{7f}"])
    func `a control is seen wherever it stands, and all between controls stays`(_ control: Character) {
        let escape = DisplayText.line(String(control))
        for before in 0..<100 {
            for after in [0, 1, 31, 32, 33, 64] {
                let (left, right) = (String(repeating: "a", count: before), String(repeating: "b", count: after))
                #expect(DisplayText.line(left + String(control) + right) == left + escape + right)
            }
        }
    }
}
