/// A lexical element of SQL as PostgreSQL reads it (manual §4.1).
struct PostgresSQLToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// A key word or an unquoted identifier.
        case word
        case quotedIdentifier
        case string(Quoting)
        case number
        case parameter
        case comment
        /// Any other single character.
        case symbol(UInt8)
    }

    enum Quoting: Sendable, Equatable {
        /// '…', where only a doubled quote means something else than itself.
        case standard
        /// E'…', and '…' where standard_conforming_strings is off.
        case backslash
        /// U&'…'
        case unicode
        /// $tag$…$tag$
        case dollar
    }

    var kind: Kind
    var range: Range<Int>
    /// What stands between the quotes, or all of it. A string that goes on in another line holds the quotes between, too.
    var content: Range<Int>
    /// False where the text ends first.
    var isTerminated = true
}

/// Splits SQL into tokens; a value that reads from the span it is given. Never fails: what is nothing else is a symbol.
struct PostgresSQLLexer: Sendable {
    private(set) var position = 0
    /// Whether a backslash in '…' is an ordinary character: the setting standard_conforming_strings.
    let isStandardConforming: Bool

    /// The next token that is not white space; `nil` at the end.
    mutating func next(in text: Span<UInt8>) -> PostgresSQLToken? {
        while position < text.count, text[position].isSQLSpace { position += 1 }
        guard position < text.count else { return nil }
        let token = token(in: text)
        position = token.range.upperBound
        return token
    }

    private func token(in text: Span<UInt8>) -> PostgresSQLToken {
        let start = position
        let byte = text[start]
        if byte.isIdentifierStart { return wordOrPrefixedQuote(in: text) }
        let following = start + 1 < text.count ? text[start + 1] : 0
        switch byte {
        case .quote:
            return string(in: text, from: start, quote: start, isStandardConforming ? .standard : .backslash)
        case .doubleQuote: return quotedIdentifier(in: text, from: start, quote: start)
        case .dollar: return dollar(in: text)
        case UInt8(ascii: "-") where following == byte: return lineComment(in: text)
        case UInt8(ascii: "/") where following == UInt8(ascii: "*"): return blockComment(in: text)
        case _ where byte.isDigit:
            var end = start + 1
            while end < text.count, text[end].isDigit || text[end] == UInt8(ascii: ".") { end += 1 }
            return PostgresSQLToken(kind: .number, range: start..<end, content: start..<end)
        default:
            return PostgresSQLToken(kind: .symbol(byte), range: start..<(start + 1), content: start..<(start + 1))
        }
    }

    private func wordOrPrefixedQuote(in text: Span<UInt8>) -> PostgresSQLToken {
        let start = position
        var end = start + 1
        while end < text.count, text[end].isIdentifierPart { end += 1 }
        guard end == start + 1, end < text.count else {
            return PostgresSQLToken(kind: .word, range: start..<end, content: start..<end)
        }
        let following = end + 1 < text.count ? text[end + 1] : 0
        switch (text[start] | 0x20, text[end]) {
        case (UInt8(ascii: "e"), .quote): return string(in: text, from: start, quote: end, .backslash)
        case (UInt8(ascii: "b"), .quote), (UInt8(ascii: "x"), .quote):
            return string(in: text, from: start, quote: end, .standard)
        case (UInt8(ascii: "n"), .quote):
            return string(in: text, from: start, quote: end, isStandardConforming ? .standard : .backslash)
        case (UInt8(ascii: "u"), UInt8(ascii: "&")) where following == .quote:
            return string(in: text, from: start, quote: end + 1, .unicode)
        case (UInt8(ascii: "u"), UInt8(ascii: "&")) where following == .doubleQuote:
            return quotedIdentifier(in: text, from: start, quote: end + 1)
        default: return PostgresSQLToken(kind: .word, range: start..<end, content: start..<end)
        }
    }

    private func string(
        in text: Span<UInt8>, from start: Int, quote: Int, _ quoting: PostgresSQLToken.Quoting
    ) -> PostgresSQLToken {
        var index = quote + 1
        while index < text.count {
            if text[index] == .backslash, quoting == .backslash {
                index += 2
            } else if text[index] != .quote {
                index += 1
            } else if index + 1 < text.count, text[index + 1] == .quote {
                index += 2
            } else if let next = continuation(in: text, after: index + 1) {
                index = next + 1
            } else {
                return PostgresSQLToken(
                    kind: .string(quoting), range: start..<(index + 1), content: (quote + 1)..<index)
            }
        }
        return PostgresSQLToken(
            kind: .string(quoting), range: start..<text.count, content: (quote + 1)..<text.count, isTerminated: false)
    }

    /// Where a string goes on: at a quote that only white space with a line's end, or comments, stand before (§4.1.2.1).
    private func continuation(in text: Span<UInt8>, after end: Int) -> Int? {
        var index = end
        var sawLineEnd = false
        while index < text.count {
            let byte = text[index]
            if byte == .quote { return sawLineEnd ? index : nil }
            if byte == UInt8(ascii: "-"), index + 1 < text.count, text[index + 1] == byte {
                while index < text.count, !text[index].isLineEnd { index += 1 }
            } else if byte.isSQLSpace {
                sawLineEnd = sawLineEnd || byte.isLineEnd
                index += 1
            } else {
                return nil
            }
        }
        return nil
    }

    private func quotedIdentifier(in text: Span<UInt8>, from start: Int, quote: Int) -> PostgresSQLToken {
        var index = quote + 1
        while index < text.count {
            if text[index] != .doubleQuote {
                index += 1
            } else if index + 1 < text.count, text[index + 1] == .doubleQuote {
                index += 2
            } else {
                return PostgresSQLToken(
                    kind: .quotedIdentifier, range: start..<(index + 1), content: (quote + 1)..<index)
            }
        }
        return PostgresSQLToken(
            kind: .quotedIdentifier, range: start..<text.count, content: (quote + 1)..<text.count, isTerminated: false)
    }

    private func dollar(in text: Span<UInt8>) -> PostgresSQLToken {
        let start = position
        var end = start + 1
        if end < text.count, text[end].isDigit {
            while end < text.count, text[end].isDigit { end += 1 }
            return PostgresSQLToken(kind: .parameter, range: start..<end, content: start..<end)
        }
        while end < text.count, text[end].isIdentifierPart, text[end] != .dollar { end += 1 }
        guard end < text.count, text[end] == .dollar else {
            return PostgresSQLToken(kind: .symbol(.dollar), range: start..<(start + 1), content: start..<(start + 1))
        }
        let length = end + 1 - start
        var index = end + 1
        while let candidate = text.firstIndex(of: .dollar, from: index), candidate + length <= text.count {
            if text.isEqual(start..<(end + 1), at: candidate) {
                return PostgresSQLToken(
                    kind: .string(.dollar), range: start..<(candidate + length), content: (end + 1)..<candidate)
            }
            index = candidate + 1
        }
        return PostgresSQLToken(
            kind: .string(.dollar), range: start..<text.count, content: (end + 1)..<text.count, isTerminated: false)
    }

    private func lineComment(in text: Span<UInt8>) -> PostgresSQLToken {
        var end = position + 2
        while end < text.count, !text[end].isLineEnd { end += 1 }
        return PostgresSQLToken(kind: .comment, range: position..<end, content: (position + 2)..<end)
    }

    /// Comments nest (§4.1.5).
    private func blockComment(in text: Span<UInt8>) -> PostgresSQLToken {
        let start = position
        var index = start + 2
        var depth = 1
        while index + 1 < text.count {
            switch (text[index], text[index + 1]) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                index += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                index += 2
                guard depth > 0 else {
                    return PostgresSQLToken(kind: .comment, range: start..<index, content: (start + 2)..<(index - 2))
                }
            default: index += 1
            }
        }
        return PostgresSQLToken(
            kind: .comment, range: start..<text.count, content: (start + 2)..<text.count, isTerminated: false)
    }
}

extension UInt8 {
    static let quote = UInt8(ascii: "'")
    static let doubleQuote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let dollar = UInt8(ascii: "$")

    var isLineEnd: Bool { self == 10 || self == 13 }
    var isSQLSpace: Bool { self == 32 || (9...13).contains(self) }
    /// Letters, the underscore, and every byte of a character outside ASCII.
    var isIdentifierStart: Bool { (0x61...0x7a).contains(self | 0x20) || self == UInt8(ascii: "_") || self >= 0x80 }
    var isIdentifierPart: Bool { isIdentifierStart || isDigit || self == .dollar }
}

extension Span<UInt8> {
    /// Whether the bytes of `range` stand at `offset`, too.
    func isEqual(_ range: Range<Int>, at offset: Int) -> Bool {
        guard offset + range.count <= count else { return false }
        for index in 0..<range.count where self[range.lowerBound + index] != self[offset + index] { return false }
        return true
    }
}
