extension JSON {
    /// The value as compact UTF-8 text with sorted keys: one value, one spelling.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        write(into: &output)
        return output
    }

    /// ``encoded()`` as a string.
    public var text: String { String(decoding: encoded(), as: UTF8.self) }

    public func write(into output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        // RFC 8259 has no infinities.
        case .double(let value): output.append(contentsOf: (value.isFinite ? String(value) : "null").utf8)
        case .string(let value): JSON.writeString(value, into: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(into: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members): JSON.writeObject(members, into: &output)
        }
    }

    private static func writeObject(_ members: [String: JSON], into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        // UTF-8 order is the same everywhere; String's own order depends on Unicode normalization.
        let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (index, member) in sorted.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            writeString(member.key, into: &output)
            output.append(UInt8(ascii: ":"))
            member.value.write(into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// A string with quotes; controls and all characters that could mislead a terminal or a reader are escaped.
    public static func writeString(_ value: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = value.utf8.span
        if isPlain(bytes) { output.append(bytes) } else { writeEscaped(value, into: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Whether all of it is printable ASCII that stands for itself, as nearly all strings are.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            let byte = bytes[index]
            guard (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                return false
            }
        }
        return true
    }

    private static func writeEscaped(_ value: String, into output: inout [UInt8]) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(scalar.value)])
            case "\n": output.append(contentsOf: "\\n".utf8)
            case "\r": output.append(contentsOf: "\\r".utf8)
            case "\t": output.append(contentsOf: "\\t".utf8)
            default:
                if DisplayText.isUnsafe(scalar) {
                    for unit in String(scalar).utf16 { writeEscape(unit, into: &output) }
                } else {
                    output.append(contentsOf: String(scalar).utf8)
                }
            }
        }
    }

    private static func writeEscape(_ unit: UInt16, into output: inout [UInt8]) {
        output.append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] { output.append(Hex.digits[Int(unit >> UInt16(shift) & 15)]) }
    }
}
