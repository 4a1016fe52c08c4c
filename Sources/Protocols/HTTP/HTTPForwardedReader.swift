/// Reads the value of a Forwarded field (RFC 7239 §4): for whom each hop has forwarded.
public struct HTTPForwardedReader: Sendable {
    /// The value is not what the grammar allows; where its elements end is anybody's guess.
    public struct Malformed: Error {}

    private let value: [UInt8]
    private var position = 0

    /// - Parameter value: one field line's.
    public init(_ value: [UInt8]) { self.value = value }

    /// What each element says behind `for`, without quotes; `nil` where it says nothing.
    public mutating func nodes() throws(Malformed) -> [[UInt8]?] {
        var nodes: [[UInt8]?] = []
        while true {
            skipSpace()
            // Elements may be empty (RFC 9110 §5.6.1.2).
            if let byte = next, byte != UInt8(ascii: ",") { nodes.append(try element()) }
            skipSpace()
            guard let byte = next else { return nodes }
            guard byte == UInt8(ascii: ",") else { throw Malformed() }
            position += 1
        }
    }

    private var next: UInt8? { position < value.count ? value[position] : nil }

    /// Pairs, of which any may be left out; none of them may be there twice.
    private mutating func element() throws(Malformed) -> [UInt8]? {
        var node: [UInt8]?
        while true {
            if next?.isHTTPToken == true {
                let name = token()
                guard next == UInt8(ascii: "=") else { throw Malformed() }
                position += 1
                let value = try pairValue()
                if name.span.isEqualIgnoringCase("for") {
                    guard node == nil else { throw Malformed() }
                    node = value
                }
            }
            guard next == UInt8(ascii: ";") else { return node }
            position += 1
        }
    }

    private mutating func pairValue() throws(Malformed) -> [UInt8] {
        guard next == UInt8(ascii: "\"") else {
            let token = token()
            if token.isEmpty { throw Malformed() }
            return token
        }
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return text }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let quoted = next else { break }
            position += 1
            text.append(quoted)
        }
        throw Malformed()
    }

    private mutating func token() -> [UInt8] {
        let start = position
        while next?.isHTTPToken == true { position += 1 }
        return Array(value[start..<position])
    }

    private mutating func skipSpace() { while next?.isHTTPWhitespace == true { position += 1 } }
}
