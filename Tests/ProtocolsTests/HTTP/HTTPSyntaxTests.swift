import Testing

@testable import Protocols

/// What is read eight bytes at once is what RFC 9110 says of each byte, wherever among the eight it stands.
@Suite struct HTTPSyntaxTests {
    @Test(arguments: 0...17)
    func `a token ends at the first byte that is no tchar`(place: Int) {
        let marks = Set("!#$%&'*+-.^_`|~".utf8)
        checkEnd(at: place, filling: UInt8(ascii: "a"), { $0.endOfToken(from: $1) }) { byte in
            byte < 0x80 && (Unicode.Scalar(byte).properties.isAlphabetic || 0x30...0x39 ~= byte || marks.contains(byte))
        }
    }

    @Test(arguments: 0...17)
    func `a field's value ends at the first control character`(place: Int) {
        checkEnd(at: place, filling: UInt8(ascii: " "), { $0.endOfFieldContent(from: $1) }) { byte in
            byte == 0x09 || byte >= 0x20 && byte != 0x7f
        }
    }

    @Test(arguments: 1...17)
    func `only letters match in either case`(count: Int) {
        for place in 0..<count {
            for byte in UInt8.min...UInt8.max {
                for other in [byte, byte ^ 0x20, byte ^ 0x80, byte &+ 1] {
                    let folded = Self.lowercased(byte)
                    var (one, two) = ([UInt8](repeating: 0x5a, count: count), [UInt8](repeating: 0x7a, count: count))
                    (one[place], two[place]) = (byte, other)
                    let isSame = folded == Self.lowercased(other)
                    #expect(one.span.isEqualIgnoringCase(two.span) == isSame, "\(byte), \(other) at \(place)")
                    guard other < 0x80 else { continue }
                    let text = String(decoding: two, as: UTF8.self)
                    #expect(one.span.isEqualIgnoringCase(text) == (folded == other), "\(byte), \(other) at \(place)")
                }
            }
        }
    }

    /// Each byte at `place`, and of each kind one behind it, in a text of bytes that are allowed.
    private func checkEnd(
        at place: Int, filling: UInt8, _ end: (Span<UInt8>, Int) -> Int, isAllowed: (UInt8) -> Bool
    ) {
        let kinds: [UInt8] = [0x00, 0x01, 0x09, 0x1f, 0x20, 0x2d, 0x3a, 0x41, 0x7a, 0x7e, 0x7f, 0x80, 0xa0, 0xff]
        for count in [place + 2, 20] {
            var bytes = [UInt8](repeating: filling, count: count)
            for byte in UInt8.min...UInt8.max {
                for other in kinds {
                    (bytes[place], bytes[place + 1]) = (byte, other)
                    let expected = !isAllowed(byte) ? place : !isAllowed(other) ? place + 1 : count
                    for start in [0, place / 2, place] {
                        #expect(end(bytes.span, start) == expected, "\(bytes) from \(start)")
                    }
                }
            }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { 0x41...0x5a ~= byte ? byte + 0x20 : byte }
}
