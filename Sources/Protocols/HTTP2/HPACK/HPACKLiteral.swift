/// A string that stands in a header block itself and not in a table (RFC 7541 §5.2).
struct HPACKLiteral: Sendable, Equatable {
    /// Where its octets stand in the block, without their length.
    var octets: Range<Int>
    var isHuffman: Bool

    func append(from block: Span<UInt8>, to output: inout [UInt8]) throws(HPACKFault) {
        let content = block.extracting(octets)
        if isHuffman { try HPACKHuffman.decode(content, to: &output) } else { output.append(content) }
    }
}

extension HPACKHeaderList {
    /// Its sender says so (§7.1.3), or its name does.
    func isCredential(_ field: Field) -> Bool {
        field.isNeverIndexed && !isPseudo(field) || field.name.hasScheme || field.name.isCookie
    }

    /// Where the value holds credentials, counted from its beginning: of those with a scheme, all but the scheme (RFC 9110 §11.4). What
    /// has a name that was not captured may be one.
    func secrets(_ field: Field, _ query: QuerySecrets) -> [Range<Int>] {
        let value = bytes.span.extracting(field.valueRange)
        guard field.nameCount == 0 || isCredential(field) else {
            return field.name.isTarget ? query.ranges(in: value) : []
        }
        let space = field.name.hasScheme ? value.firstIndex(of: UInt8(ascii: " "), from: 0) : nil
        let secret = (space.map { $0 + 1 } ?? 0)..<value.count
        return secret.isEmpty ? [] : [secret]
    }
}

extension HPACKFieldName {
    fileprivate var hasScheme: Bool { self == .authorization || self == .proxyAuthorization }
    fileprivate var isCookie: Bool { self == .cookie || self == .setCookie }
    fileprivate var isTarget: Bool { self == .path || self == .referer || self == .location }
}

extension HPACKLiteral {
    /// As many octets as the literal has, that say `value` with filler instead of its secrets. Tables built from them have
    /// room for all that the sender's have: no entry becomes longer, save one whose own code is longer than itself.
    func redacted(_ value: [UInt8], _ secrets: [Range<Int>]) -> [UInt8] {
        guard isHuffman else {
            var plain = value
            for secret in secrets { plain.replaceSubrange(secret, with: Self.filler(secret.count)) }
            return plain
        }
        // The code of an asterisk has eight bits; those that are left over are the padding (§5.2).
        var spare = octets.count * 8 - HPACKHuffman.bits(value[...])
        var text: [UInt8] = []
        var start = 0
        for secret in secrets {
            spare += HPACKHuffman.bits(value[secret])
            text += value[start..<secret.lowerBound] + Self.filler(spare / 8)
            spare %= 8
            start = secret.upperBound
        }
        text += value[start...]
        if text.count > value.count { text = Self.filler(octets.count) }
        var code: [UInt8] = []
        HPACKHuffman.encode(text, appendingTo: &code)
        return code
    }

    private static func filler(_ count: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "*"), count: count) }
}
