/// Cuts the text of a simple query into its statements, as the server's scanner would (manual §4.1).
///
/// Knows quotes, dollar quotes, comments, parentheses and `BEGIN ATOMIC … END`. Assumes `standard_conforming_strings`.
enum SQLStatements {
    /// The statements without white space around them; what holds nothing but comments is none.
    static func split(_ sql: Span<UInt8>) -> [Range<Int>] {
        var scanner = SQLScanner([UInt8](copying: sql))
        var statements: [Range<Int>] = []
        while let statement = scanner.next() { statements.append(statement) }
        return statements
    }

    /// Whether something follows a `;`, as in few texts: only then is the text worth being cut.
    static func mayBeSeveral(_ sql: Span<UInt8>) -> Bool {
        guard var index = sql.firstIndex(of: UInt8(ascii: ";"), from: 0) else { return false }
        while index < sql.count {
            if sql[index] > 0x20, sql[index] != UInt8(ascii: ";") { return true }
            index += 1
        }
        return false
    }
}

private struct SQLScanner {
    private let sql: [UInt8]
    private var index = 0
    /// Where the statement's first and last characters that are no white space stand.
    private var content: Range<Int>?
    private var hasWords = false
    private var parentheses = 0
    /// Open BEGIN ATOMIC and CASE.
    private var blocks = 0
    private var wordBefore: Range<Int>?

    init(_ sql: [UInt8]) { self.sql = sql }

    mutating func next() -> Range<Int>? {
        (content, hasWords, parentheses, blocks, wordBefore) = (nil, false, 0, 0, nil)
        while index < sql.count {
            let byte = sql[index]
            if byte == UInt8(ascii: ";"), parentheses == 0, blocks == 0 {
                index += 1
                if hasWords, let content { return content }
                (content, hasWords) = (nil, false)
                continue
            }
            let start = index
            let isComment = skipToken(byte)
            if byte > 0x20 {
                content = (content?.lowerBound ?? start)..<index
                if !isComment { hasWords = true }
            }
        }
        return hasWords ? content : nil
    }

    /// Passes over one token; true for a comment.
    private mutating func skipToken(_ byte: UInt8) -> Bool {
        let second = index + 1 < sql.count ? sql[index + 1] : 0
        switch byte {
        case UInt8(ascii: "-") where second == UInt8(ascii: "-"):
            index = sql[index...].firstIndex(of: UInt8(ascii: "\n")) ?? sql.count
            return true
        case UInt8(ascii: "/") where second == UInt8(ascii: "*"):
            skipBlockComment()
            return true
        case UInt8(ascii: "'"), UInt8(ascii: "\""): skipQuoted(byte, escapes: false)
        case UInt8(ascii: "$"): skipDollarQuoted()
        case UInt8(ascii: "("):
            parentheses += 1
            index += 1
        case UInt8(ascii: ")"):
            parentheses = max(0, parentheses - 1)
            index += 1
        default:
            if Self.beginsWord(byte) { skipWord(second) } else { index += 1 }
        }
        return false
    }

    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
        index += 1
        while index < sql.count {
            if escapes, sql[index] == UInt8(ascii: "\\") { index += 1 } else if sql[index] == quote { break }
            index += 1
        }
        index = min(index + 1, sql.count)
    }

    /// Comments nest.
    private mutating func skipBlockComment() {
        var depth = 0
        while index + 1 < sql.count {
            let pair = (sql[index], sql[index + 1])
            if pair == (UInt8(ascii: "/"), UInt8(ascii: "*")) {
                depth += 1
                index += 2
            } else if pair == (UInt8(ascii: "*"), UInt8(ascii: "/")) {
                depth -= 1
                index += 2
                if depth == 0 { return }
            } else {
                index += 1
            }
        }
        index = sql.count
    }

    /// `$tag$ … $tag$`; a `$1` is a parameter.
    private mutating func skipDollarQuoted() {
        var end = index + 1
        while end < sql.count, sql[end] != UInt8(ascii: "$") {
            guard Self.continuesWord(sql[end]), end > index + 1 || Self.beginsWord(sql[end]) else {
                index += 1
                return
            }
            end += 1
        }
        guard end < sql.count else {
            index += 1
            return
        }
        let length = end + 1 - index
        var place = end + 1
        while place + length <= sql.count {
            if isSame(index, place, length) {
                index = place + length
                return
            }
            place += 1
        }
        index = sql.count
    }

    private func isSame(_ left: Int, _ right: Int, _ length: Int) -> Bool {
        for offset in 0..<length where sql[left + offset] != sql[right + offset] { return false }
        return true
    }

    private mutating func skipWord(_ second: UInt8) {
        if sql[index] | 0x20 == UInt8(ascii: "e"), second == UInt8(ascii: "'") {
            index += 1
            return skipQuoted(UInt8(ascii: "'"), escapes: true)
        }
        let start = index
        while index < sql.count, Self.continuesWord(sql[index]) { index += 1 }
        let word = start..<index
        if blocks > 0 {
            if isWord(word, "case") { blocks += 1 }
            if isWord(word, "end") { blocks -= 1 }
        } else if isWord(word, "atomic"), let wordBefore, isWord(wordBefore, "begin") {
            blocks = 1
        }
        wordBefore = word
    }

    private func isWord(_ range: Range<Int>, _ word: String) -> Bool {
        range.count == word.utf8.count && sql.span.extracting(range).isEqualIgnoringCase(word)
    }

    private static func beginsWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        beginsWord(byte) || byte == UInt8(ascii: "$") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
