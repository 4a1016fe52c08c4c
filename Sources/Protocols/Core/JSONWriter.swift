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

    /// A string with quotes; controls, DEL and the characters that terminals and HTML mistake are escaped.
    public static func writeString(_ value: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0a: output.append(contentsOf: "\\n".utf8)
            case 0x0d: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7f:
                output.append(contentsOf: "\\u00".utf8)
                output.append(Hex.digits[Int(byte >> 4)])
                output.append(Hex.digits[Int(byte & 15)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
