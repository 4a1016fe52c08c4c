/// Base64 with padding (RFC 4648 §4); decoding is strict.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The value of each character, 0xff for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    public static func encode(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the text's characters.
    public static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        let alphabet = alphabet.span
        let rest = bytes.count % 3
        let whole = bytes.count - rest
        output.append(addingCapacity: (bytes.count + 2) / 3 * 4) { (output: inout OutputSpan<UInt8>) in
            var index = 0
            while index < whole {
                let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
                output.append(alphabet[Int(group >> 18)])
                output.append(alphabet[Int(group >> 12 & 63)])
                output.append(alphabet[Int(group >> 6 & 63)])
                output.append(alphabet[Int(group & 63)])
                index += 3
            }
            guard rest > 0 else { return }
            let group = UInt32(bytes[whole]) << 16 | (rest == 2 ? UInt32(bytes[whole + 1]) << 8 : 0)
            output.append(alphabet[Int(group >> 18)])
            output.append(alphabet[Int(group >> 12 & 63)])
            output.append(rest == 2 ? alphabet[Int(group >> 6 & 63)] : padding)
            output.append(padding)
        }
    }

    /// `nil` unless the text is canonical: whole groups, correct padding, no stray bits, nothing else.
    public static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(characters.count / 4 * 3)
        for start in stride(from: 0, to: characters.count, by: 4) {
            let isLast = start + 4 == characters.count
            let padded =
                !isLast || characters[start + 3] != padding ? 0 : characters[start + 2] == padding ? 2 : 1
            var group: UInt32 = 0
            for character in characters[start..<start + 4 - padded] {
                let value = values[Int(character)]
                guard value != 0xff else { return nil }
                group = group << 6 | UInt32(value)
            }
            group <<= 6 * UInt32(padded)
            guard group & (padded == 2 ? 0xffff : padded == 1 ? 0xff : 0) == 0 else { return nil }
            for shift in [16, 8, 0].prefix(3 - padded) { output.append(UInt8(truncatingIfNeeded: group >> shift)) }
        }
        return output
    }
}
