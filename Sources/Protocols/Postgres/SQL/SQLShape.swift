/// A statement's text without its values: what stands in `'…'` is left out, and each number is 0. Two texts of one shape
/// have the same facts, since facts hold no values, provided that the grammar bounds none of the numbers.
///
/// Only texts whose values the simplest reading finds have a shape: without a backslash, a comment, a dollar quote, or
/// `U&`. In these a quote always opens or closes, under every setting of the server.
public enum SQLShape {
    /// Appends the shape of `text`.
    ///
    /// - Parameter number: what stands for each number; another one than 0 makes another text of the same shape.
    /// - Returns: false when it has none; what was appended is then of no use.
    public static func append(
        of text: Span<UInt8>, to shape: inout [UInt8], number: [UInt8] = [UInt8(ascii: "0")]
    ) -> Bool {
        var index = 0
        var previous = UInt8(ascii: " ")
        while index < text.count {
            let byte = text[index]
            let next = index + 1 < text.count ? text[index + 1] : 0
            switch byte {
            case UInt8(ascii: "\\"): return false
            case UInt8(ascii: "-") where next == byte, UInt8(ascii: "/") where next == UInt8(ascii: "*"): return false
            case UInt8(ascii: "&") where isQuote(next): return false
            case UInt8(ascii: "$") where !isPartOfWord(previous) && !isDigit(next): return false
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                guard let end = text.firstIndex(of: byte, from: index + 1) else { return false }
                if byte == UInt8(ascii: "'") {
                    guard !hasBackslash(text, index..<end) else { return false }
                    shape.append(byte)
                } else {
                    for place in index..<end {
                        guard text[place] != UInt8(ascii: "\\") else { return false }
                        shape.append(text[place])
                    }
                }
                shape.append(byte)
                index = end
            case _ where isDigit(byte) && !isPartOfWord(previous):
                shape.append(contentsOf: number)
                while index + 1 < text.count, isDigit(text[index + 1]) { index += 1 }
            default: shape.append(byte)
            }
            previous = text[index]
            index += 1
        }
        return true
    }

    private static func hasBackslash(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where text[index] == UInt8(ascii: "\\") { return true }
        return false
    }

    @inline(__always)
    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Whether a digit or a `$` behind it belongs to a name, a number or a parameter.
    @inline(__always)
    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20) || isDigit(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$")
    }
}
