// Characters and comparisons of RFC 9110 §5.6.

extension UInt8 {
    static var carriageReturn: UInt8 { 0x0d }
    static var lineFeed: UInt8 { 0x0a }
    static var space: UInt8 { 0x20 }

    /// OWS consists of these (§5.6.3).
    var isHTTPWhitespace: Bool { self == 0x20 || self == 0x09 }

    /// `tchar` (§5.6.2): one bit per ASCII character.
    var isHTTPToken: Bool {
        self < 64
            ? 0x03ff_6cfa_0000_0000 as UInt64 >> UInt64(self) & 1 == 1
            : self < 128 && 0x57ff_ffff_c7ff_fffe as UInt64 >> UInt64(self & 63) & 1 == 1
    }

    /// In a field's value (§5.5): visible, or beyond ASCII, or whitespace.
    var isHTTPFieldContent: Bool { self >= 0x20 && self != 0x7f || self == 0x09 }
}

extension Span<UInt8> {
    func isEqual(_ text: String) -> Bool {
        let other = text.utf8.span
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
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
    public func isEqualIgnoringCase(_ text: String) -> Bool {
        let other = text.utf8.span
        guard count == other.count else { return false }
        for index in indices where self[index].lowercased != other[index] { return false }
        return true
    }

    public func isEqualIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index].lowercased != other[index].lowercased { return false }
        return true
    }
}
