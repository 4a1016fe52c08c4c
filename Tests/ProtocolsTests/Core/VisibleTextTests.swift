import Protocols
import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain ASCII and Grüße, 日本語, 🦊", "plain ASCII and Grüße, 日本語, 🦊"),
        ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
        ("two\nlines\tand\rmore", "two\\nlines\\tand\\rmore"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("user\u{202e}nimda", "user\\u{202e}nimda"),
        ("a\u{2028}b\u{200b}c\u{7f}\u{feff}", "a\\u{2028}b\\u{200b}c\\u{7f}\\u{feff}"),
        ("❤\u{fe0f}", "❤\u{fe0f}"),
    ])
    func `what would act on a terminal is spelled out`(_ text: String, _ shown: String) {
        #expect(VisibleText.line(text) == shown)
    }

    @Test func `lines stay lines where they may`() {
        #expect(VisibleText.lines("one\n\ttwo\u{1b}") == "one\n\ttwo\\u{1b}")
    }

    @Test func `bytes that are no UTF-8 are shown as bytes`() {
        let bytes: [UInt8] = [0x61, 0xff, 0xc3, 0xbc, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0a]
        #expect(VisibleText.line(bytes.span) == "a\\xffü\\xc3(\\xed\\xa0\\x80\\n")
    }
}
