import Protocols

/// Reads the fields of cookies (RFC 6265 §5.2, §5.4).
enum HARCookies {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// "a=1; b=2".
    static func ofRequest(_ value: String) -> [[String: JSON]] {
        parts(value).map { part in ["name": .string(part.name), "value": .string(part.value)] }
    }

    /// "a=1; Path=/; Secure".
    static func ofResponse(_ value: String) -> [[String: JSON]] {
        let parts = parts(value)
        guard let first = parts.first else { return [] }
        var cookie: [String: JSON] = ["name": .string(first.name), "value": .string(first.value)]
        for attribute in parts.dropFirst() {
            switch attribute.name.lowercased() {
            case "path": cookie["path"] = .string(attribute.value)
            case "domain": cookie["domain"] = .string(attribute.value)
            case "expires": cookie["expires"] = date(attribute.value).map(JSON.string)
            case "httponly": cookie["httpOnly"] = true
            case "secure": cookie["secure"] = true
            case "samesite": cookie["sameSite"] = .string(attribute.value)
            default: break
            }
        }
        return [cookie]
    }

    private static func parts(_ value: String) -> [(name: String, value: String)] {
        value.split(separator: ";").compactMap { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = trimmed(pair[0])
            return name.isEmpty ? nil : (name, pair.count > 1 ? trimmed(pair[1]) : "")
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    /// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), or with dashes, as RFC 3339; `nil` for any other form.
    private static func date(_ text: String) -> String? {
        let words = text.split { " -,".contains($0) }
        guard words.count == 6, let month = months.firstIndex(of: words[2].lowercased()) else { return nil }
        let day = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z"
        return UTCDate.wallNanoseconds(parsing: day) == nil ? nil : day
    }
}
