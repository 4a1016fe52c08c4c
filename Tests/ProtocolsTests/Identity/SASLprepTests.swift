import Adapters
import Protocols
import Testing

@Suite struct SASLprepTests {
    private static func prepared(_ text: String) -> String? {
        SASLprep.prepare(Secret(Array(text.utf8))).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test(arguments: [
        // RFC 4013 §3, where ASCII control characters are left alone as PostgreSQL does.
        ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{AA}", "a"), ("\u{2168}", "IX"),
        ("\u{07}", "\u{07}"),
        ("\u{627}\u{31}", nil),
        ("e\u{301}", "\u{E9}"), ("\u{E9}", "\u{E9}"), ("a\u{A0}b", "a b"), ("\u{FB01}x", "fix"),
        ("\u{FDFA}", "صلى الله عليه وسلم"),
        ("\u{AD}", nil), ("é\u{07}", nil), ("\u{FFFD}", nil), ("\u{221}", nil), ("\u{1F511}", nil), ("", ""),
    ])
    func `a password is made alike however it was typed`(_ text: String, _ expected: String?) {
        // By scalars: equal strings can be of different bytes.
        #expect(Self.prepared(text).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test func `what is no UTF-8 is kept as it is`() {
        for bytes: [UInt8] in [[0xE9], [0xC3], [0xED, 0xA0, 0x80], [0xC3, 0xA9, 0x00]] {
            #expect(SASLprep.prepare(Secret(bytes)) == nil)
            #expect(SASLprep.prepareOrKeep(Secret(bytes)).bytes == bytes)
        }
    }
}
