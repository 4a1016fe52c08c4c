import Protocols

/// The head of a request to the monitoring listener: RFC 9112, as strict as it can be read.
///
/// Only what a probe or a scraper sends is taken: GET or HEAD, one Host, no body. Whatever two readers could understand
/// in two ways is refused.
struct HTTPHead: Sendable, Equatable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
    }

    var method: Method
    /// Without the query.
    var path: String
    /// The Host field; `nil` where HTTP/1.0 leaves it out.
    var host: String?

    enum Parsed: Sendable, Equatable {
        case needsMore
        case head(HTTPHead)
        case refused(HTTPStatus)
    }

    /// The longest head, in bytes.
    static let bytesMaximum = 8 << 10
    private static let fieldsMaximum = 64

    static func parse(_ bytes: Span<UInt8>) -> Parsed {
        guard let end = end(of: bytes) else {
            return bytes.count < bytesMaximum ? .needsMore : .refused(.headerFieldsTooLarge)
        }
        guard end <= bytesMaximum else { return .refused(.headerFieldsTooLarge) }
        guard let text = ascii(bytes.extracting(first: end)) else { return .refused(.badRequest) }
        do throws(HTTPStatus) { return .head(try HTTPHead(text)) } catch { return .refused(error) }
    }

    /// Where the empty line begins that ends the head.
    private static func end(of bytes: Span<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for start in 0...(min(bytes.count, bytesMaximum + 4) - 4)
        where bytes[start] == 13 && bytes[start + 1] == 10 && bytes[start + 2] == 13 && bytes[start + 3] == 10 {
            return start
        }
        return nil
    }

    /// Printable ASCII, tabs and line ends; `nil` when there is anything else.
    private static func ascii(_ bytes: Span<UInt8>) -> String? {
        for index in bytes.indices {
            switch bytes[index] {
            case 0x20...0x7e, 9, 10, 13: continue
            default: return nil
            }
        }
        return String(decoding: [UInt8](copying: bytes), as: UTF8.self)
    }

    private init(_ text: String) throws(HTTPStatus) {
        // CR and LF make one Character, and a lone one is another: nothing but CRLF ends a line.
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard lines.allSatisfy({ line in !line.contains { $0 == "\r" || $0 == "\n" } }) else { throw .badRequest }
        guard lines.count - 1 <= Self.fieldsMaximum else { throw .headerFieldsTooLarge }
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, ["HTTP/1.1", "HTTP/1.0"].contains(words[2]) else { throw .badRequest }
        guard words[1].hasPrefix("/") else { throw .badRequest }
        guard let method = Method(rawValue: String(words[0])) else { throw .methodNotAllowed }
        self.method = method
        path = String(words[1].prefix { $0 != "?" })
        let fields = try Self.fields(lines.dropFirst())
        host = fields["host"]
        // RFC 9112 §3.2: a request of version 1.1 without a Host is refused.
        if host == nil, words[2] == "HTTP/1.1" { throw .badRequest }
        // A body is nothing that we would read, and reading past it is how requests are smuggled.
        guard fields["transfer-encoding"] == nil, fields["content-length", default: "0"] == "0" else {
            throw .contentTooLarge
        }
    }

    /// The fields by their names in lower case.
    private static func fields(_ lines: ArraySlice<Substring>) throws(HTTPStatus) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { throw .badRequest }
            // RFC 9112 §5.1: no space before the colon; §5.2: no folded lines, which begin with one.
            guard line[..<colon].utf8.allSatisfy(isTokenByte) else { throw .badRequest }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimming { $0 == " " || $0 == "\t" }
            let isSecond = fields.updateValue(String(value), forKey: name) != nil
            if isSecond, ["host", "content-length", "transfer-encoding"].contains(name) { throw .badRequest }
        }
        return fields
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension HTTPHead {
    /// Whether Host names this machine's loopback. A web page that has its own name point to 127.0.0.1 (DNS rebinding)
    /// sends that name.
    var namesLoopback: Bool {
        guard let host else { return true }
        let isBracketed = host.hasPrefix("[")
        let name = isBracketed ? host.prefix { $0 != "]" }.dropFirst() : host.prefix { $0 != ":" }
        let rest = isBracketed ? host.drop { $0 != "]" }.dropFirst() : host.drop { $0 != ":" }
        guard rest.isEmpty || rest.first == ":" && rest.dropFirst().allSatisfy(\.isASCIIDigit) else { return false }
        if isBracketed { return name == "::1" }
        if name.lowercased() == "localhost" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension Substring {
    fileprivate func trimming(_ isUnwanted: (Character) -> Bool) -> Substring {
        var rest = drop(while: isUnwanted)
        while let last = rest.last, isUnwanted(last) { rest.removeLast() }
        return rest
    }
}
