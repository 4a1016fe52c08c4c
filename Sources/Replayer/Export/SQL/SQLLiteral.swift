import Protocols

/// Recorded SQL as it may stand in a script for psql.
enum SQLLiteral {
    /// An escape string constant (manual §4.1.2.2): `E'…'`. Neither psql nor the server finds an end, a variable or a
    /// command in it, whatever the text is; misleading characters are escapes.
    static func quoted(_ text: String) -> String {
        var output = "E'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": output += "''"
            case "\\": output += "\\\\"
            case "\n", "\t": output.unicodeScalars.append(scalar)
            default:
                if DisplayText.isUnsafe(scalar) {
                    output += escape(scalar)
                } else {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        return output + "'"
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value > 0xffff ? 8 : 4
        return (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.utf8.count) + digits
    }

    /// Whether psql sends the text as one statement, just as it stands: whoever reads the same text by other rules
    /// (`standard_conforming_strings`, variables, comments) still finds no other end.
    ///
    /// So there is nothing in it that needs judgement: no backslash, no colon but `::`, no comment, no dollar quote, no second
    /// statement; quotes and parentheses are closed.
    static func isPlain(_ text: String) -> Bool {
        var quote: Unicode.Scalar?
        var depth = 0
        var previous: Unicode.Scalar = " "
        var colons = 0
        for scalar in text.unicodeScalars {
            guard !DisplayText.isUnsafe(scalar) || scalar == "\n" || scalar == "\t", scalar != "\\" else {
                return false
            }
            defer { previous = scalar }
            if let open = quote {
                if scalar == open { quote = nil }
                continue
            }
            if scalar == ":" { colons += 1 } else if colons % 2 != 0 { return false }
            switch scalar {
            case "'", "\"": quote = scalar
            case "(": depth += 1
            case ")": depth -= 1
            case ";": return false
            case "-" where previous == "-", "*" where previous == "/": return false
            case "$" where previous == "$" || !isSpaceOrSign(previous): return false
            default: if previous == "$", !("0"..."9").contains(scalar) { return false }
            }
            if depth < 0 { return false }
        }
        return quote == nil && depth == 0 && colons % 2 == 0 && previous != "$"
    }

    private static func isSpaceOrSign(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar) && scalar != "_"
    }
}
