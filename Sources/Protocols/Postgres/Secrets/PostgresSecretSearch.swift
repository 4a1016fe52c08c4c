/// One pass over a text's tokens that collects its secrets. Strings within it are texts of their own, a level deeper.
struct PostgresSecretSearch {
    private(set) var found: [Range<Int>] = []
    /// Quotes or comments are not closed: nothing is certain after the first telling word.
    private(set) var isBroken = false
    /// The text ends where a secret would follow, as in `'ALTER ROLE r PASSWORD ' || …` or `format('… PASSWORD %L', …)`.
    private(set) var isOpen = false

    private let isStandardConforming: Bool
    private let depth: Int
    private var statement = Statement()
    private var expectation = Expectation.nothing
    private var parentheses = 0

    private static let depthLimit = 8

    private struct Statement {
        var words = 0
        var changes = false
        /// CREATE or ALTER of a role.
        var isAboutRole = false
        /// Every string up to the statement's end is a secret: something before wants one.
        var isOpen = false
        /// The parenthesis of a call whose strings are secrets; counted from the outermost.
        var secretCall: Int?
    }

    private enum Expectation {
        case nothing
        /// A name was read; its value follows.
        case value
        /// A value was read; another string right behind it belongs to it.
        case moreOfValue
        /// The name of a function was read; if its parenthesis follows, the call's strings are secrets.
        case call
        /// A setting's name was read as a string, as set_config() takes it.
        case settingValue
    }

    init(isStandardConforming: Bool, depth: Int) {
        self.isStandardConforming = isStandardConforming
        self.depth = depth
    }

    mutating func add(_ range: Range<Int>) { found.append(range) }

    mutating func run(_ text: Span<UInt8>) {
        var lexer = PostgresSQLLexer(isStandardConforming: isStandardConforming)
        while let token = lexer.next(in: text) {
            if !token.isTerminated { isBroken = true }
            switch token.kind {
            case .comment: _ = descend(into: token, .dollar, text)
            case .string(let quoting):
                string(token, quoting, text)
                if isTorn(text, after: token), expectation == .moreOfValue || tells(token, text) {
                    return add(token.range.upperBound..<text.count)
                }
            case .word: word(token, text)
            case .quotedIdentifier: identifier(token, text)
            case .symbol(let symbol): self.symbol(symbol)
            case .number, .parameter: value(token)
            }
        }
        isOpen = isOpen || expectation == .value && statement.isAboutRole
    }

    private mutating func string(
        _ token: PostgresSQLToken, _ quoting: PostgresSQLToken.Quoting, _ text: Span<UInt8>
    ) {
        switch expectation {
        case .value, .moreOfValue, .settingValue:
            if !token.isTerminated { isOpen = true }
            expectation = .moreOfValue
            return add(token.content)
        case .nothing, .call:
            expectation = .nothing
        }
        if statement.isOpen || statement.secretCall != nil { return add(token.content) }
        if text.isWord(token.content, in: PostgresSecretWords.settings) { expectation = .settingValue }
        if descend(into: token, quoting, text) { statement.isOpen = true }
    }

    private mutating func word(_ token: PostgresSQLToken, _ text: Span<UInt8>) {
        let range = token.range
        defer { statement.words += 1 }
        switch statement.words {
        case 0:
            statement.changes =
                text.isWord(range, PostgresSecretWords.create) || text.isWord(range, PostgresSecretWords.alter)
        case 1: statement.isAboutRole = statement.changes && text.isWord(range, in: PostgresSecretWords.roleKinds)
        default: break
        }
        if expectation == .value, statement.isAboutRole {
            if text.isWord(range, PostgresSecretWords.null) { expectation = .nothing } else { add(range) }
        } else if text.isWord(range, in: PostgresSecretWords.names) {
            expectation = .value
        } else if text.isWord(range, in: PostgresSecretWords.functions) {
            expectation = .call
        } else if expectation == .value, !text.isWord(range, PostgresSecretWords.to) {
            // `password = md5('…')`: what a function is given here is as secret as its result.
            expectation = .call
        } else if expectation != .value {
            expectation = .nothing
        }
    }

    private mutating func identifier(_ token: PostgresSQLToken, _ text: Span<UInt8>) {
        if expectation == .value, statement.isAboutRole { return add(token.content) }
        let isName = text.isWord(token.content, in: PostgresSecretWords.names)
        let isFunction = text.isWord(token.content, in: PostgresSecretWords.functions)
        expectation = isName ? .value : isFunction ? .call : .nothing
        // An error's context quotes statements so: SQL statement "ALTER ROLE …".
        _ = descend(into: token, .dollar, text)
    }

    /// In a statement about a role, what follows PASSWORD was meant as one, even where SQL wants a string.
    private mutating func value(_ token: PostgresSQLToken) {
        if expectation == .value, statement.isAboutRole { add(token.content) } else { expectation = .nothing }
    }

    private mutating func symbol(_ symbol: UInt8) {
        switch symbol {
        case UInt8(ascii: ";"):
            statement = Statement()
            expectation = .nothing
            parentheses = 0
        case UInt8(ascii: "("):
            if expectation == .call, statement.secretCall == nil { statement.secretCall = parentheses }
            if expectation == .call { expectation = .nothing }
            parentheses += 1
        case UInt8(ascii: ")"):
            parentheses -= 1
            if let call = statement.secretCall, parentheses <= call { statement.secretCall = nil }
            expectation = .nothing
        case UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"):
            break
        case UInt8(ascii: "%") where expectation == .value:
            isOpen = true
            expectation = .nothing
        case UInt8(ascii: ",") where expectation == .settingValue:
            break
        default:
            expectation = .nothing
        }
    }

    /// Whether something stands right behind a closing quote that has no place there: a quote before it was not doubled,
    /// so that what seems to be within quotes may be without.
    private func isTorn(_ text: Span<UInt8>, after token: PostgresSQLToken) -> Bool {
        let end = token.range.upperBound
        guard end < text.count, !text[end].isSQLSpace else { return false }
        switch text[end] {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")"), UInt8(ascii: ":"): return false
        case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "|"), UInt8(ascii: "]"), UInt8(ascii: "="),
            UInt8(ascii: "<"), UInt8(ascii: ">"):
            return statement.isAboutRole
        default: return true
        }
    }

    private func tells(_ token: PostgresSQLToken, _ text: Span<UInt8>) -> Bool {
        PostgresSecrets.firstTrigger(in: text.extracting(token.content)) != nil
    }

    /// Searches what stands in a string or a comment. Returns whether it leaves a secret to what follows it.
    private mutating func descend(
        into token: PostgresSQLToken, _ quoting: PostgresSQLToken.Quoting, _ text: Span<UInt8>
    ) -> Bool {
        let raw = text.extracting(token.content)
        guard PostgresSecrets.mayTell(raw), PostgresSecrets.firstTrigger(in: raw) != nil else { return false }
        guard depth < Self.depthLimit else {
            add(token.content)
            return false
        }
        guard let decoded = PostgresDecodedString(raw, quoting) else {
            return descend(into: raw) {
                $0.lowerBound + token.content.lowerBound..<$0.upperBound + token.content.lowerBound
            }
        }
        return descend(into: decoded.bytes.span) { decoded.place(of: $0, at: token.content.lowerBound) }
    }

    private mutating func descend(into inner: Span<UInt8>, _ place: (Range<Int>) -> Range<Int>) -> Bool {
        guard let trigger = PostgresSecrets.firstTrigger(in: inner) else { return false }
        var search = PostgresSecretSearch(isStandardConforming: isStandardConforming, depth: depth + 1)
        search.run(inner)
        if search.isBroken { search.add(trigger..<inner.count) }
        let connection = PostgresConnectionString.secrets(in: inner)
        for secret in search.found + (connection?.secrets ?? []) { add(place(secret)) }
        return search.isOpen || connection?.isOpen == true
    }
}
