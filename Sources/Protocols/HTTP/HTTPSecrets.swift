extension HTTPFieldName {
    /// Whether its values are credentials, which no recording holds.
    public var isSecret: Bool {
        switch self {
        case .authorization, .proxyAuthorization, .cookie, .setCookie: true
        default: false
        }
    }

    /// Whether its value refers to a resource (RFC 9110 §10.1.3, §10.2.2), by a URI whose query may hold credentials.
    fileprivate var isReference: Bool { self == .referer || self == .location }
}

extension HTTPField {
    /// The parts of the value that are recorded as filler: of credentials, all but the scheme (RFC 9110 §11.4); of a
    /// reference, credentials in its query.
    public func secrets(in bytes: Span<UInt8>, _ query: QuerySecrets) -> [Range<Int>] {
        if name.isSecret { return [secretRange(in: bytes)] }
        return name.isReference ? query.ranges(in: bytes, at: valueRange) : []
    }

    private func secretRange(in bytes: Span<UInt8>) -> Range<Int> {
        guard name == .authorization || name == .proxyAuthorization,
            let space = bytes.firstIndex(of: UInt8(ascii: " "), from: valueRange.lowerBound),
            space < valueRange.upperBound
        else { return valueRange }
        return (space + 1)..<valueRange.upperBound
    }
}

extension HTTPFields {
    /// Where credentials stand.
    public func secrets(in bytes: Span<UInt8>, _ query: QuerySecrets) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for field in self where field.name.isSecret || field.name.isReference {
            ranges += field.secrets(in: bytes, query)
        }
        return ranges
    }
}

extension HTTPRequestHead {
    /// Where credentials stand: in fields, and in the target's query.
    public func secrets(in bytes: Span<UInt8>, _ query: QuerySecrets) -> [Range<Int>] {
        query.ranges(in: bytes, at: target) + fields.secrets(in: bytes, query)
    }
}
