/// Text from elsewhere, fit for a terminal or a log: what would move the cursor, hide or reorder other text is spelled out.
///
/// C0 and C1 controls, DEL, line separators and bidirectional or invisible characters become `\n`, `\t` or `\u{1b}`; bytes
/// that are no UTF-8 become `\xff` (Unicode Technical Report 36, §2.10 and §3.6).
public enum VisibleText {
    /// On one line.
    public static func line(_ text: String) -> String { escape(text, keepsLines: false) }

    /// Line ends and tabs stay.
    public static func lines(_ text: String) -> String { escape(text, keepsLines: true) }

    /// Bytes on one line.
    public static func line(_ bytes: Span<UInt8>) -> String { decode(bytes, keepsLines: false) }

    /// Bytes whose line ends and tabs stay.
    public static func lines(_ bytes: Span<UInt8>) -> String { decode(bytes, keepsLines: true) }

    private static func decode(_ bytes: Span<UInt8>, keepsLines: Bool) -> String {
        let copy = [UInt8](copying: bytes)
        if let text = String(validating: copy, as: UTF8.self) { return escape(text, keepsLines: keepsLines) }
        var output = ""
        var decoder = Unicode.UTF8.ForwardParser()
        var rest = copy.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &rest) {
            case .valid(let encoded):
                offset += encoded.count
                append(Unicode.UTF8.decode(encoded), keepsLines, to: &output)
            case .error(let length):
                for byte in copy[offset..<offset + length] { output += "\\x\(Hex.encode([byte]))" }
                offset += length
            case .emptyInput: return output
            }
        }
    }

    private static func escape(_ text: String, keepsLines: Bool) -> String {
        if text.unicodeScalars.allSatisfy({ !isHidden($0) || keepsLines && isLayout($0) }) { return text }
        var output = ""
        for scalar in text.unicodeScalars { append(scalar, keepsLines, to: &output) }
        return output
    }

    private static func append(_ scalar: Unicode.Scalar, _ keepsLines: Bool, to output: inout String) {
        guard isHidden(scalar), !(keepsLines && isLayout(scalar)) else { return output.unicodeScalars.append(scalar) }
        switch scalar {
        case "\n": output += "\\n"
        case "\r": output += "\\r"
        case "\t": output += "\\t"
        default: output += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    private static func isLayout(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\t" }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e: false
        case 0..<0x20, 0x7f...0x9f: true
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: true
            default: scalar.properties.isDefaultIgnorableCodePoint && !scalar.properties.isVariationSelector
            }
        }
    }
}
