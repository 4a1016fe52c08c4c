/// What a quoted string means, with the place that each byte has in the quoted text.
struct PostgresDecodedString {
    private(set) var bytes: [UInt8] = []
    private var places: [UInt32] = []
    private let end: Int

    /// `nil` where the text means itself. Octal, hexadecimal and Unicode escapes are left as they are.
    init?(_ raw: Span<UInt8>, _ quoting: PostgresSQLToken.Quoting) {
        guard quoting != .dollar, raw.indices.contains(where: { raw[$0] == .quote || raw[$0] == .backslash }) else {
            return nil
        }
        end = raw.count
        var index = 0
        while index < raw.count {
            var byte = raw[index]
            let start = index
            index += 1
            if byte == .backslash, quoting == .backslash, index < raw.count {
                byte = Self.escaped(raw[index])
                index += 1
            } else if byte == .quote, index < raw.count {
                if raw[index] != .quote {
                    // Between two parts of a string that goes on in another line.
                    while index < raw.count, raw[index] != .quote { index += 1 }
                    index += 1
                    continue
                }
                index += 1
            }
            bytes.append(byte)
            places.append(UInt32(truncatingIfNeeded: start))
        }
    }

    /// The range in the text that holds the quoted one, which begins there at `base`.
    func place(of range: Range<Int>, at base: Int) -> Range<Int> {
        guard let first = places[range].first else { return base..<base }
        let upper = range.upperBound < places.count ? Int(places[range.upperBound]) : end
        return (base + Int(first))..<(base + upper)
    }

    private static func escaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "t"): 9
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "r"): 13
        default: byte
        }
    }
}
