/// A name, in which `*` stands for any run of characters.
public struct Wildcard: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    private let text: String
    private let pieces: [[UInt8]]

    public init(_ text: String) {
        self.text = text
        pieces = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
    }

    public init(stringLiteral text: String) { self.init(text) }

    public var description: String { text }

    /// The one name that it fits, if it has no `*`.
    var name: String? { pieces.count == 1 ? text : nil }

    /// What every name that it fits begins with.
    var prefix: [UInt8] { pieces.first ?? [] }

    /// For names without upper case.
    var folded: Wildcard { Wildcard(text.lowercased()) }

    var isAny: Bool { pieces.count > 1 && pieces.allSatisfy(\.isEmpty) }

    /// Every piece at the first place where it fits: no backtracking, so the time is bounded by the product of the lengths.
    public func matches(_ name: String) -> Bool {
        // Byte by byte: strings are equal that a server tells apart (é as one character, or as two).
        if pieces.count == 1 { return name.utf8.elementsEqual(text.utf8) }
        let name = Array(name.utf8)
        guard let first = pieces.first, let last = pieces.last, name.count >= first.count + last.count,
            name.starts(with: first), name.reversed().starts(with: last.reversed())
        else { return false }
        var rest = name[first.count..<(name.count - last.count)]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let place = rest.indices.first(where: { rest[$0...].starts(with: piece) }) else { return false }
            rest = rest[(place + piece.count)...]
        }
        return true
    }
}

/// A table's or a function's name in a rule: `name` in any schema, or `schema.name`.
public struct TablePattern: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    let schema: Wildcard?
    let name: Wildcard

    /// Names are written as the server keeps them, without quotes: mostly in lower case. Longer ones than the server's 63
    /// bytes are cut as the server does.
    public init(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        schema = parts.count == 2 && parts[0] != "*" ? Wildcard(parts[0]) : nil
        name = Wildcard(Self.cut(parts[parts.count - 1]))
    }

    public init(stringLiteral text: String) { self.init(text) }

    public var description: String { schema.map { "\($0).\(name)" } ?? "\(name)" }

    private static func cut(_ name: String) -> String {
        var name = name
        while name.utf8.count > 63 { name.unicodeScalars.removeLast() }
        return name
    }
}
