import Protocols

/// A request's path as rules read it: percent-decoded (RFC 3986 §2.1), and marked where servers differ in what they make of
/// it. What is marked could be any path.
public struct RequestPath: Sendable, Hashable, CustomStringConvertible {
    /// Decoded once. As it came where that gives no text.
    public let text: String
    /// Another server may see another path: dot segments, empty segments, parameters, separators that are encoded.
    public let isAmbiguous: Bool

    /// - Parameter target: a request's target in origin-form, or `*`; what follows `?` is left alone.
    public init(_ target: some StringProtocol) {
        let path = Array(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        guard let (bytes, isDoubtful) = Self.decode(path), let decoded = String(validating: bytes, as: UTF8.self) else {
            text = String(decoding: path, as: UTF8.self)
            isAmbiguous = true
            return
        }
        text = decoded
        isAmbiguous = isDoubtful || Self.isAmbiguous(decoded)
    }

    public var description: String { DisplayText.line(text, limit: 200) }

    /// What servers could take it for that take upper case for lower case, or leave a slash at the end off.
    var foldedNames: [String] {
        let name = PathPattern.fold(text)
        return name.utf8.count > 1 && name.hasSuffix("/") ? [name, String(name.dropLast())] : [name]
    }

    /// `nil` where an escape is damaged.
    private static func decode(_ path: [UInt8]) -> (bytes: [UInt8], isDoubtful: Bool)? {
        var bytes: [UInt8] = []
        var isDoubtful = false
        var index = 0
        while index < path.count {
            guard path[index] == UInt8(ascii: "%") else {
                bytes.append(path[index])
                index += 1
                continue
            }
            guard index + 2 < path.count, let high = Hex.digit(path[index + 1]), let low = Hex.digit(path[index + 2])
            else { return nil }
            let byte = high << 4 | low
            // Decoded here and not there, or twice there, each of these divides a path differently. So does a dot:
            // nobody has a reason to encode it.
            if "%/\\?#;.".utf8.contains(byte) { isDoubtful = true }
            bytes.append(byte)
            index += 3
        }
        return (bytes, isDoubtful)
    }

    private static func isAmbiguous(_ path: String) -> Bool {
        if path == "*" { return false }
        guard path.hasPrefix("/") else { return true }
        if path.unicodeScalars.contains(where: isDoubtful) { return true }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        // The last one is empty where the path ends in a slash. Windows leaves dots and spaces off at the end of a name.
        return segments.dropLast().contains("") || segments.contains { $0.hasSuffix(".") || $0.hasSuffix(" ") }
    }

    private static func isDoubtful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\\", ";", "#", "%": true
        // Half- and full-width forms, which some systems turn into ASCII.
        case "\u{ff00}"..."\u{ffef}": true
        default: DisplayText.isUnsafe(scalar)
        }
    }
}

/// Paths in a rule: `*` is any run of characters, slashes included; `/admin/*` is `/admin` as well.
public struct PathPattern: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let description: String
    private let exact: [Wildcard]
    let folded: [Wildcard]

    public init(_ text: String) {
        let texts = text.hasSuffix("/*") && text.utf8.count > 2 ? [text, String(text.dropLast(2))] : [text]
        description = text
        exact = texts.map { Wildcard($0) }
        folded = texts.map { Wildcard(Self.fold($0)) }
    }

    public init(stringLiteral text: String) { self.init(text) }

    func surelyFits(_ path: RequestPath) -> Bool {
        !path.isAmbiguous && exact.contains { $0.matches(path.text) }
    }

    func couldFit(_ path: RequestPath) -> Bool {
        if path.isAmbiguous { return true }
        let names = path.foldedNames
        return folded.contains { names.contains(where: $0.matches) }
    }

    fileprivate static func fold(_ text: String) -> String { text.uppercased().lowercased() }
}
