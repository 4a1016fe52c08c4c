/// Finds the secrets in connection strings: `host=… password=…` and URLs (manual §34.1.1).
enum PostgresConnectionString {
    /// A user's name and password in a URL are not longer than that; in bytes.
    private static let userLimit = 1_024
    static let separator = Array("://".utf8)

    struct Findings {
        var secrets: [Range<Int>] = []
        /// The text ends where a secret's value would begin: whatever is put behind it is the secret.
        var isOpen = false
    }

    /// `nil` when the text is neither: it does not begin with `name =`, and holds no URL.
    static func secrets(in text: Span<UInt8>) -> Findings? {
        let hasURL = text.indices.contains { text.has(separator, at: $0) }
        guard hasURL || beginsWithOption(text) else { return nil }
        var findings = Findings()
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: ":"), text.has(separator, at: index) {
                index += separator.count
                if let secret = userPassword(in: text, from: index) { findings.secrets.append(secret) }
            } else if text[index].isIdentifierStart, index == 0 || !text[index - 1].isIdentifierPart {
                index = option(in: text, at: index, &findings)
            } else {
                index += 1
            }
        }
        return findings
    }

    private static func beginsWithOption(_ text: Span<UInt8>) -> Bool {
        let start = text.afterSpace(0)
        var end = start
        while end < text.count, text[end].isIdentifierPart { end += 1 }
        let equals = text.afterSpace(end)
        return end > start && equals < text.count && text[equals] == UInt8(ascii: "=")
    }

    /// Reads the word at `start`, and its value where the word names a secret. Returns where to go on.
    private static func option(in text: Span<UInt8>, at start: Int, _ findings: inout Findings) -> Int {
        var end = start
        while end < text.count, text[end].isIdentifierPart { end += 1 }
        guard text.isWord(start..<end, in: PostgresSecretWords.names) else { return end }
        let equals = text.afterSpace(end)
        guard equals < text.count, text[equals] == UInt8(ascii: "=") else { return end }
        let isInURL = start > 0 && (text[start - 1] == UInt8(ascii: "?") || text[start - 1] == UInt8(ascii: "&"))
        let value = text.afterSpace(equals + 1)
        guard value < text.count else {
            findings.isOpen = true
            return value
        }
        let isQuoted = text[value] == .quote && !isInURL
        let content = isQuoted ? value + 1 : value
        var index = content
        while index < text.count {
            let byte = text[index]
            if isQuoted ? byte == .quote : byte.isSQLSpace || isInURL && byte == UInt8(ascii: "&") { break }
            index += byte == .backslash && !isInURL ? 2 : 1
        }
        index = min(index, text.count)
        findings.secrets.append(content..<index)
        if isQuoted, index == content, index == text.count { findings.isOpen = true }
        return index
    }

    /// What stands between the user's name and the @ behind it. In a URL of PostgreSQL, a slash or a question mark that was
    /// not percent-encoded may be part of it.
    private static func userPassword(in text: Span<UInt8>, from start: Int) -> Range<Int>? {
        let scheme = start - separator.count
        let isPostgres = PostgresSecretWords.postgresSchemes.contains { text.has($0, at: scheme - $0.count) }
        var at: Int?
        var index = start
        while index < min(text.count, start + userLimit), !text[index].isSQLSpace {
            let byte = text[index]
            if byte == UInt8(ascii: "@") { at = index }
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#"),
                at != nil || !isPostgres
            {
                break
            }
            index += 1
        }
        guard let at, let colon = text.extracting(..<at).firstIndex(of: UInt8(ascii: ":"), from: start) else {
            return nil
        }
        return (colon + 1)..<at
    }
}

extension Span<UInt8> {
    fileprivate func afterSpace(_ start: Int) -> Int {
        var index = start
        while index < count, self[index].isSQLSpace { index += 1 }
        return index
    }
}
