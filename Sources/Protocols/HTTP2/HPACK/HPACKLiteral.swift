/// A value that stands in a header block itself and not in a table (RFC 7541 §6.2), and may hold credentials.
public struct HPACKLiteral: Sendable, Equatable {
    /// The field's place among those of its block.
    public var field: Int
    /// Where the string's octets stand in the block, without their length.
    public var octets: Range<Int>
    public var isHuffman: Bool
}

extension HPACKField {
    private static let schemeNames = ["authorization", "proxy-authorization"].map { Array($0.utf8) }
    private static let cookieNames = ["cookie", "set-cookie"].map { Array($0.utf8) }
    private static let targetNames = [":path", "referer", "location"].map { Array($0.utf8) }

    var mayHoldSecret: Bool { isSecret || Self.targetNames.contains(name) }

    /// A credential, or what may be one, for its name was not captured.
    private var isSecret: Bool { name.isEmpty || isCredential }

    /// Its sender says so (§7.1.3), or its name does.
    var isCredential: Bool {
        isNeverIndexed && name.first != UInt8(ascii: ":") || hasScheme || Self.cookieNames.contains(name)
    }

    private var hasScheme: Bool { Self.schemeNames.contains(name) }

    /// Where the value holds credentials: of those with a scheme, all but the scheme (RFC 9110 §11.4).
    func secrets(_ query: QuerySecrets) -> [Range<Int>] {
        guard isSecret else { return query.ranges(in: value.span) }
        let space = hasScheme ? value.firstIndex(of: UInt8(ascii: " ")) : nil
        let secret = (space.map { $0 + 1 } ?? 0)..<value.count
        return secret.isEmpty ? [] : [secret]
    }
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
