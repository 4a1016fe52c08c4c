/// Base64 for URLs and file names, without padding (RFC 4648 §5, RFC 7515 §2); decoding is strict.
public enum Base64URL {
    /// `nil` unless the text is canonical: this alphabet, no padding, no stray bits.
    public static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var standard: [UInt8] = []
        for character in text {
            switch character {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.append(character)
            }
        }
        let rest = standard.count % 4
        guard rest != 1 else { return nil }
        if rest > 0 { standard += [UInt8](repeating: UInt8(ascii: "="), count: 4 - rest) }
        return Base64.decode(String(decoding: standard, as: UTF8.self))
    }
}
