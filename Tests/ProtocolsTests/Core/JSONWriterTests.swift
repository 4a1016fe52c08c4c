import Protocols
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var output = Array("> ".utf8)
        JSONWriter.write(into: &output, body)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `members and elements stand behind what is there, with commas between them`() {
        let text = written { json in
            json.object { json in
                json.member("a") { $0.array { _ in } }
                json.member("b") { json in
                    json.array { json in
                        json.integer(.min)
                        json.unsigned(.max)
                        json.boolean(true)
                        json.null()
                        json.object { _ in }
                    }
                }
                json.member("c") { $0.strings(["x", "y"]) }
                json.member("d") { $0.bytes([1, 2, 3]) }
                json.member("e") { $0.time(1_795_233_600_123_456_789) }
            }
            json.newLine()
            json.integer(0)
        }
        let expected =
            #"{"a":[],"b":[-9223372036854775808,9223372036854775807,true,null,{}],"c":["x","y"],"d":"AQID","#
            + #""e":"2026-11-21T04:00:00.123456Z"}"#
        #expect(text == "> " + expected + "\n0")
    }

    @Test(arguments: [
        ("SELECT 1", #""SELECT 1""#), ("", #""""#), ("say \"a\\b\"", #""say \"a\\b\"""#),
        ("a\nb\rc\td\u{0}\u{7f}", #""a\nb\rc\td\u0000\u007f""#), ("Käse", #""Käse""#),
        ("é\"\n", #""é\"\n""#), ("a\u{202e}b\u{feff}", #""a\u202eb\ufeff""#), ("\u{e0041}", #""\udb40\udc41""#),
    ])
    func `strings are written so that they mislead nobody`(_ text: String, _ expected: String) throws {
        #expect(written { $0.string(text) } == "> " + expected)
        #expect(try JSON.parse(Array(expected.utf8).span) == .string(text))
    }

    @Test(arguments: ["\"", "\\", "\u{1f}", "\u{7f}", "é", "\u{202e}"])
    func `what needs an escape is seen wherever it stands, and all around it stays`(_ character: String) {
        let escaped = written { $0.string(character) }.dropFirst(3).dropLast()
        for before in 0..<40 {
            for after in 0..<20 {
                let (left, right) = (String(repeating: "a", count: before), String(repeating: "~", count: after))
                #expect(written { $0.string(left + character + right) } == "> \"\(left)\(escaped)\(right)\"")
            }
        }
    }

    @Test(arguments: [0, 1, 9, 10, 99, 1_000_000, 1_234_567_890_123_456_789, .max, -1, -10, .min] as [Int64])
    func `an integer is its digits`(value: Int64) { #expect(JSON.integer(value).text == String(value)) }

    @Test(arguments: ["plain", "", "a\\u00e9\\n\\\"b", "\\ud83d\\ude00", "é😀", "\\\\"])
    func `a string reads as it was written, with escapes and without`(text: String) throws {
        let value = try JSON.parse("\"\(text)\"")
        #expect(try JSON.parse(value.text) == value)
    }

    @Test(arguments: ["\"a", "\"a\nb\"", "\"\\x\"", "\"a\\", "\"\\ud83d\"", "\"a\\n\u{1}\""])
    func `a string that is none is refused`(text: String) {
        #expect(throws: JSONFault.self) { try JSON.parse(text) }
    }

    @Test func `a string that is not UTF-8 is refused, with escapes and without`() {
        for text in [[0x22, 0xff, 0x22], [0x22, 0x5c, 0x6e, 0xc3, 0x22]] as [[UInt8]] {
            #expect(throws: JSONFault.self) { try JSON.parse(text.span) }
        }
    }
}
