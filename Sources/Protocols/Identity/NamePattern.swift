/// How a name in a certificate tells a user's name: `{user}@example.com`, `spiffe://example.com/*/{user}`.
///
/// `{user}` stands for the user's name, `*` for anything. Both match at least one character and never one that
/// separates the parts of a name, so that a part cannot pass for two; and there is one of them in each part at most, so
/// that a match is never ambiguous.
public struct NamePattern: Sendable, Hashable {
    private static let user = "{user}"

    /// What separates, and what no wildcard matches: a backslash hides a separator (RFC 4514 §2.4), an asterisk is a
    /// certificate's own wildcard.
    private static let separators = Set(",+=/@:;?#\"".utf8)
    private static let hidden = Set("\\*".utf8)

    private enum Part: Sendable, Hashable {
        case literal([UInt8])
        case wildcard(prefix: [UInt8], suffix: [UInt8], isUser: Bool)
    }

    private let parts: [Part]
    private let separators: Set<UInt8>

    /// `nil` unless `{user}` stands in it once, and each part of the name has one wildcard at most.
    ///
    /// - Parameter field: in a host's name, dots separate, too.
    public init?(_ text: String, for field: ClientCertificate.Field) {
        separators = field == .dns ? Self.separators.union(".".utf8) : Self.separators
        var parts: [Part] = []
        for piece in Self.pieces(Array(text.utf8), separators) {
            guard let part = Self.part(String(decoding: piece, as: UTF8.self)) else { return nil }
            parts.append(part)
        }
        let users = parts.count { if case .wildcard(_, _, isUser: true) = $0 { true } else { false } }
        guard users == 1 else { return nil }
        self.parts = parts
    }

    /// The user's name within `name`; `nil` when the pattern does not fit.
    public func user(in name: String) -> String? {
        let pieces = Self.pieces(Array(name.utf8), separators)
        guard pieces.count == parts.count else { return nil }
        var user: String?
        for (part, piece) in zip(parts, pieces) {
            switch part {
            case .literal(let text):
                guard piece.elementsEqual(text) else { return nil }
            case .wildcard(let prefix, let suffix, let isUser):
                guard piece.count > prefix.count + suffix.count, piece.starts(with: prefix),
                    piece.suffix(suffix.count).elementsEqual(suffix)
                else { return nil }
                let matched = piece.dropFirst(prefix.count).dropLast(suffix.count)
                guard matched.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && !Self.hidden.contains($0) }) else { return nil }
                if isUser { user = String(validating: matched, as: UTF8.self) }
            }
        }
        return user
    }

    /// Separators are pieces of their own.
    private static func pieces(_ text: [UInt8], _ separators: Set<UInt8>) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in text.enumerated() where separators.contains(byte) {
            pieces += [text[start..<index], text[index...index]]
            start = index + 1
        }
        return pieces + [text[start...]]
    }

    private static func part(_ text: String) -> Part? {
        let users = text.split(separator: user, omittingEmptySubsequences: false)
        let others = text.split(separator: "*", omittingEmptySubsequences: false)
        switch (users.count, others.count) {
        case (1, 1): return .literal(Array(text.utf8))
        case (2, 1): return .wildcard(prefix: Array(users[0].utf8), suffix: Array(users[1].utf8), isUser: true)
        case (1, 2): return .wildcard(prefix: Array(others[0].utf8), suffix: Array(others[1].utf8), isUser: false)
        default: return nil
        }
    }
}
