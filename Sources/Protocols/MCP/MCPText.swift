/// JSON of a conversation as bounded text.
enum MCPText {
    /// Bytes of one value that a timeline shows.
    static let shown = 16 << 10
    /// Entries of a list that a timeline shows.
    static let entriesShown = 100
    private static let argumentShown = 40
    private static let argumentsShown = 120

    static func bounded(_ text: String, limit: Int = shown) -> String {
        DisplayText.decode(text.utf8.span, limit: limit)
    }

    static func json(_ value: JSON) -> String { bounded(value.text) }

    /// "(city: \"Bern\", days: 3)": enough to know the call by.
    static func arguments(_ value: JSON?) -> String {
        guard case .object(let members)? = value, !members.isEmpty else { return "()" }
        var text = ""
        for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            guard text.utf8.count < argumentsShown else {
                text += ", …"
                break
            }
            text += (text.isEmpty ? "" : ", ") + cut(name) + ": " + cut(value.text)
        }
        return "(" + text + ")"
    }

    /// At most 40 characters.
    private static func cut(_ text: String) -> String {
        let beginning = text.unicodeScalars.prefix(argumentShown)
        guard beginning.endIndex < text.unicodeScalars.endIndex else { return text }
        return String(beginning) + "…"
    }

    /// "weather 1.2" of an `Implementation`.
    static func implementation(_ value: JSON?) -> String? {
        guard let name = value?["name"]?.string else { return nil }
        let version = value?["version"]?.string ?? ""
        return bounded(version.isEmpty ? name : "\(name) \(version)", limit: 200)
    }

    /// One content block: text as it is, anything else by its kind and size.
    static func content(_ block: JSON) -> String {
        switch block["type"]?.string {
        case "text": return bounded(block["text"]?.string ?? "")
        case "resource": return resource(block["resource"] ?? .null)
        case "resource_link": return "(a link to \(bounded(block["uri"]?.string ?? "?", limit: 500)))"
        case let kind?:
            let type = block["mimeType"]?.string ?? kind
            return "(\(bounded(type, limit: 100)), \(size(block["data"])))"
        case nil: return json(block)
        }
    }

    /// `TextResourceContents` or `BlobResourceContents`.
    static func resource(_ value: JSON) -> String {
        if let text = value["text"]?.string { return bounded(text) }
        return "(\(bounded(value["mimeType"]?.string ?? "a blob", limit: 100)), \(size(value["blob"])))"
    }

    private static func size(_ base64: JSON?) -> String {
        guard let text = base64?.string else { return "no data" }
        let padding = text.utf8.reversed().prefix(2).count { $0 == UInt8(ascii: "=") }
        return "\(text.utf8.count / 4 * 3 - padding) bytes"
    }
}
