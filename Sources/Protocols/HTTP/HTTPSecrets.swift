extension HTTPFieldName {
    /// Whether its values are credentials, which no recording holds.
    public var isSecret: Bool {
        switch self {
        case .authorization, .proxyAuthorization, .cookie, .setCookie: true
        default: false
        }
    }
}

extension HTTPField {
    /// The part of the value that is recorded as filler: of credentials, all but the scheme (RFC 9110 §11.4).
    public func secretRange(in bytes: Span<UInt8>) -> Range<Int> {
        guard name == .authorization || name == .proxyAuthorization,
            let space = bytes.firstIndex(of: UInt8(ascii: " "), from: valueRange.lowerBound),
            space < valueRange.upperBound
        else { return valueRange }
        return (space + 1)..<valueRange.upperBound
    }
}

extension HTTPFields {
    /// Where credentials stand.
    public func secrets(in bytes: Span<UInt8>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for field in self where field.name.isSecret { ranges.append(field.secretRange(in: bytes)) }
        return ranges
    }
}
