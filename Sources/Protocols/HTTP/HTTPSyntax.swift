// Characters and comparisons of RFC 9110 §5.6.

extension UInt8 {
    static var carriageReturn: UInt8 { 0x0d }
    static var lineFeed: UInt8 { 0x0a }
    static var space: UInt8 { 0x20 }

    /// OWS consists of these (§5.6.3).
    var isHTTPWhitespace: Bool { self == 0x20 || self == 0x09 }

    /// `tchar` (§5.6.2): one bit per ASCII character.
    var isHTTPToken: Bool {
        let allowed: UInt64 = self < 64 ? 0x03ff_6cfa_0000_0000 : self < 128 ? 0x57ff_ffff_c7ff_fffe : 0
        return allowed &>> UInt64(self) & 1 == 1
    }

    /// In a field's value (§5.5): visible, or beyond ASCII, or whitespace.
    var isHTTPFieldContent: Bool { self >= 0x20 && self != 0x7f || self == 0x09 }
}

extension Span<UInt8> {
    /// Where the first byte at or after `start` stands that no field's value has; ``Span/count`` where none does.
    func endOfFieldContent(from start: Int) -> Int { end(from: start, \.controls) { $0.isHTTPFieldContent } }

    /// Where the first byte at or after `start` stands that no token has; ``Span/count`` where none does.
    func endOfToken(from start: Int) -> Int { end(from: start, \.unusualInNames) { $0.isHTTPToken } }

    /// Where the first byte stands that is not allowed. Only those are looked at that are marked by their highest bit; of eight
    /// bytes, all up to the lowest mark are known.
    @inline(__always)
    private func end(from start: Int, _ marks: (UInt64) -> UInt64, where isAllowed: (UInt8) -> Bool) -> Int {
        var index = start
        while index <= count - 8 {
            let marked = marks(word(at: index))
            guard marked != 0 else {
                index += 8
                continue
            }
            index += marked.trailingZeroBitCount / 8
            guard isAllowed(self[index]) else { return index }
            index += 1
        }
        while index < count, isAllowed(self[index]) { index += 1 }
        return index
    }

    /// Whether each byte is one of those.
    @inline(__always)
    func consists(_ isAllowed: (UInt8) -> Bool) -> Bool {
        for index in indices where !isAllowed(self[index]) { return false }
        return true
    }

    public func hasPrefix(_ text: String) -> Bool {
        let length = text.utf8.count
        return count >= length && extracting(0..<length).isEqual(text)
    }

    /// ASCII letters match either case; `text` is in lower case.
    public func hasPrefixIgnoringCase(_ text: String) -> Bool {
        let length = text.utf8.count
        return count >= length && extracting(0..<length).isEqualIgnoringCase(text)
    }

    /// ASCII letters match either case; `text` is in lower case.
    func hasSuffixIgnoringCase(_ text: String) -> Bool {
        let length = text.utf8.count
        return count >= length && extracting((count - length)...).isEqualIgnoringCase(text)
    }

    func isEqual(_ text: String) -> Bool { isEqual(text.utf8.span) { $0 == $1 } }

    /// ASCII letters match either case; `text` is in lower case.
    public func isEqualIgnoringCase(_ text: String) -> Bool { isEqual(text.utf8.span) { $0.lowercased == $1 } }

    public func isEqualIgnoringCase(_ other: Span<UInt8>) -> Bool {
        isEqual(other) { $0.lowercased == $1.lowercased }
    }

    /// Compares eight bytes at once; the last eight overlap those before them.
    @inline(__always)
    private func isEqual(_ other: Span<UInt8>, _ isSame: (UInt64, UInt64) -> Bool) -> Bool {
        guard count == other.count else { return false }
        guard count >= 8 else {
            for index in indices where !isSame(UInt64(self[index]), UInt64(other[index])) { return false }
            return true
        }
        var index = 0
        while index < count - 8 {
            guard isSame(word(at: index), other.word(at: index)) else { return false }
            index += 8
        }
        return isSame(word(at: count - 8), other.word(at: count - 8))
    }
}

/// Eight bytes at once.
extension UInt64 {
    /// Marks the lowest byte that is a control character (below 0x20, or 0x7f) by its highest bit; 0: there is none. What is
    /// borrowed from the bytes above that one may mark them, too.
    fileprivate var controls: UInt64 {
        let low = self &- 0x2020_2020_2020_2020
        let delete = (self ^ 0x7f7f_7f7f_7f7f_7f7f) &- 0x0101_0101_0101_0101
        return (low | delete) & ~self & 0x8080_8080_8080_8080
    }

    /// Marks each byte that is no letter, digit or hyphen: field names have nearly none of these.
    fileprivate var unusualInNames: UInt64 {
        let ascii = self & 0x7f7f_7f7f_7f7f_7f7f
        let lower = ascii | 0x2020_2020_2020_2020
        let letter = (lower &+ 0x1f1f_1f1f_1f1f_1f1f) & ~(lower &+ 0x0505_0505_0505_0505)
        let digit = (ascii &+ 0x5050_5050_5050_5050) & ~(ascii &+ 0x4646_4646_4646_4646)
        let hyphen = ~((ascii ^ 0x2d2d_2d2d_2d2d_2d2d) &+ 0x7f7f_7f7f_7f7f_7f7f)
        return (self | ~(letter | digit | hyphen)) & 0x8080_8080_8080_8080
    }

    /// Each ASCII letter in lower case; every other byte as it is.
    fileprivate var lowercased: UInt64 {
        let ascii = self & 0x7f7f_7f7f_7f7f_7f7f
        let fromA = ascii &+ 0x3f3f_3f3f_3f3f_3f3f
        let behindZ = ascii &+ 0x2525_2525_2525_2525
        return self | (fromA & ~behindZ & ~self & 0x8080_8080_8080_8080) >> 2
    }
}
