/// Credentials in the query of a URI, where they do not belong (RFC 6750 §5.3) and some servers want them all the same, or in
/// its fragment (RFC 6749 §4.2.2): their values are recorded as filler.
public struct QuerySecrets: Sendable {
    /// Names of parameters whose values are credentials, in lower case.
    private let names: Set<String>
    private static let usual: Set<String> = [
        "access_token", "refresh_token", "id_token", "auth_token", "token", "jwt", "api_key", "apikey", "api-key",
        "client_secret", "secret", "password", "passwd", "pwd", "sig", "signature", "x-amz-signature",
        "x-amz-security-token", "x-goog-signature",
    ]

    /// - Parameter more: names besides the usual ones, in upper or lower case.
    public init(_ more: [String] = []) { names = Self.usual.union(more.map { $0.lowercased() }) }

    /// Where values of such parameters stand in `text`, which is a URI or its reference.
    public func ranges(in text: Span<UInt8>) -> [Range<Int>] {
        guard
            var start = text.firstIndex(of: UInt8(ascii: "?"), from: 0)
                ?? text.firstIndex(of: UInt8(ascii: "#"), from: 0)
        else { return [] }
        var ranges: [Range<Int>] = []
        while start < text.count {
            start += 1
            let end = end(of: text, from: start)
            let equals = text.firstIndex(of: UInt8(ascii: "="), from: start) ?? end
            if equals < end, isSecret(text.extracting(start..<equals)) { ranges.append((equals + 1)..<end) }
            start = end
        }
        return ranges.filter { !$0.isEmpty }
    }

    /// As ``ranges(in:)``, of the URI that stands at `place` in `bytes`; counted from their start.
    public func ranges(in bytes: Span<UInt8>, at place: Range<Int>) -> [Range<Int>] {
        ranges(in: bytes.extracting(place)).map {
            ($0.lowerBound + place.lowerBound)..<($0.upperBound + place.lowerBound)
        }
    }

    /// Where a parameter ends; some servers take a semicolon for an ampersand. No URI has a space, but a line may go on behind it.
    private func end(of text: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < text.count, text[index] != UInt8(ascii: "&"), text[index] != UInt8(ascii: ";"),
            text[index] != UInt8(ascii: "#"), text[index] != UInt8(ascii: " ")
        {
            index += 1
        }
        return index
    }

    /// Bytes of a name.
    public static let nameMaximum = 64

    /// Names are read as servers read them: with their escapes undone.
    private func isSecret(_ name: Span<UInt8>) -> Bool {
        guard name.count <= 3 * Self.nameMaximum else { return false }
        var plain: [UInt8] = []
        var index = 0
        while index < name.count {
            if name[index] == UInt8(ascii: "%"), index + 2 < name.count, let high = Hex.digit(name[index + 1]),
                let low = Hex.digit(name[index + 2])
            {
                plain.append(UInt8(high << 4 | low))
                index += 3
            } else {
                plain.append(name[index])
                index += 1
            }
        }
        return names.contains(String(decoding: plain, as: UTF8.self).lowercased())
    }
}
