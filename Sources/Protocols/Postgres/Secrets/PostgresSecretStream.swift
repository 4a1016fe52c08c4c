/// Watches a text too long to be held whole, which comes in pieces of any length: from the first sign of a secret on, all
/// of the rest counts as one.
///
/// A sign is a telling word with what makes a value of what follows it: a quote, an equals sign, a parenthesis. In a URL of
/// PostgreSQL's it is the scheme. Where it stands depends on the text alone, never on how it was cut.
public struct PostgresSecretStream: Sendable {
    /// The end of what was seen, where a sign may have begun.
    private var tail: [UInt8] = []
    private var isSecret = false

    /// A sign is read up to its end or up to here: what is longer is taken for one.
    private static let signLimit = 256
    /// A sign that began before a piece ends within so many of its bytes.
    private static var seamBytes: Int { signLimit + 4 }
    private static let longestWord = PostgresSecretWords.signs.reduce(0) { max($0, $1.count) }

    /// - Parameter isSecret: whether there has been a sign before the text begins.
    public init(isSecret: Bool = false) { self.isSecret = isSecret }

    /// The part of the next piece that counts as a secret.
    public mutating func next(_ piece: Span<UInt8>) -> Range<Int>? {
        guard !isSecret else { return piece.count > 0 ? 0..<piece.count : nil }
        let seam = min(piece.count, Self.seamBytes)
        if let end = read(exchange(&tail, with: []), piece.extracting(..<seam)) { return found(end, piece) }
        guard piece.count > seam else { return nil }
        if let end = read([], piece) { return found(end, piece) }
        return nil
    }

    private mutating func found(_ end: Int, _ piece: Span<UInt8>) -> Range<Int>? {
        isSecret = true
        return end < piece.count ? end..<piece.count : nil
    }

    /// Where in `piece` a sign ends that begins in it or before it. Without one, the tail becomes what may yet be one.
    private mutating func read(_ before: [UInt8], _ piece: Span<UInt8>) -> Int? {
        var text = before
        text.append(piece)
        guard PostgresSecrets.mayTell(text.span) else {
            tail = Array(text.suffix(Self.longestWord - 1))
            return nil
        }
        switch Self.sign(in: text.span) {
        case .ends(let end): return end - before.count
        case .none(let undecided):
            tail = Array(text[undecided...])
            return nil
        }
    }

    private enum Sign {
        case ends(at: Int)
        /// From here on a sign may have begun.
        case none(undecidedFrom: Int)
    }

    private static func sign(in text: Span<UInt8>) -> Sign {
        for index in text.indices where isInitial(text[index]) {
            for word in PostgresSecretWords.signs where text.has(word, at: index) {
                switch value(in: text, after: index + word.count) {
                case .follows(let end): return .ends(at: end)
                case .unknown: return .none(undecidedFrom: index)
                case .isMissing: continue
                }
            }
        }
        return .none(undecidedFrom: max(0, text.count - longestWord + 1))
    }

    private static func isInitial(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return letter == UInt8(ascii: "p") || letter == UInt8(ascii: "c") || letter == UInt8(ascii: "h")
            || letter == UInt8(ascii: "s")
    }

    private enum Value {
        case follows(end: Int)
        case isMissing
        /// The text ends first.
        case unknown
    }

    private static func value(in text: Span<UInt8>, after word: Int) -> Value {
        if text[word - 1] == UInt8(ascii: "/") { return .follows(end: word) }
        var index = word
        while index < text.count, text[index].isIdentifierPart { index += 1 }
        let spaces = index
        while index < text.count, text[index].isSQLSpace || text[index] == .doubleQuote { index += 1 }
        if index - word > signLimit { return .follows(end: word + signLimit) }
        guard index < text.count else { return .unknown }
        switch text[index] {
        case .quote, .dollar, UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ":"), UInt8(ascii: "/"),
            UInt8(ascii: "-"), UInt8(ascii: "%"), UInt8(ascii: "|"):
            return .follows(end: index + 1)
        default: break
        }
        guard index > spaces else { return .isMissing }
        guard index + 1 < text.count else { return .unknown }
        switch (text[index].lowercased, text[index + 1]) {
        case (UInt8(ascii: "e"), .quote), (UInt8(ascii: "n"), .quote), (UInt8(ascii: "u"), UInt8(ascii: "&")),
            (UInt8(ascii: "t"), UInt8(ascii: "o")), (UInt8(ascii: "t"), UInt8(ascii: "O")):
            return .follows(end: index + 2)
        default: return .isMissing
        }
    }
}
