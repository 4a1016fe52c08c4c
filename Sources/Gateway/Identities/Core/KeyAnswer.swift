import Protocols

/// The answer of a server to the request for a key set (RFC 9112): 200 with a document of known length, or nothing. No
/// redirects are followed, since they could lead anywhere.
enum KeyAnswer {
    /// Holds nothing of the answer but its status.
    enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        case malformed(String)
        case status(Int)
        case tooLong

        var description: String {
            switch self {
            case .malformed(let reason): "the answer is not HTTP as expected: \(reason)"
            case .status(let code) where (300..<400).contains(code):
                "the answer is a redirect (\(code)); name the place itself"
            case .status(let code): "the answer has status \(code)"
            case .tooLong: "the answer is longer than 1 MiB"
            }
        }
    }

    private static let headMaximum = 16 << 10
    private static let bodyMaximum = JSONWebKeySet.byteCountMaximum
    private static let lineEnd = Array("\r\n".utf8)

    /// The document of an answer of which these bytes have come so far; `nil` while more is to come.
    static func body(of answer: [UInt8]) throws(Fault) -> [UInt8]? {
        guard let end = answer.prefix(headMaximum).firstRange(of: lineEnd + lineEnd) else {
            guard answer.count < headMaximum else { throw .malformed("its head has no end") }
            return nil
        }
        let head = try Head(answer[..<end.lowerBound])
        let rest = answer[end.upperBound...]
        guard let length = head.length else { return try chunks(rest) }
        guard length <= bodyMaximum else { throw .tooLong }
        return rest.count < length ? nil : Array(rest.prefix(length))
    }

    /// RFC 9112 §7.1; extensions and trailers mean nothing to us.
    private static func chunks(_ bytes: ArraySlice<UInt8>) throws(Fault) -> [UInt8]? {
        var rest = bytes
        var body: [UInt8] = []
        while let end = rest.prefix(1_024).firstRange(of: lineEnd) {
            let digits = rest[..<end.lowerBound].prefix { Hex.digit($0) != nil }
            let follows = rest[digits.endIndex..<end.lowerBound].first
            guard (1...6).contains(digits.count), follows == nil || follows == UInt8(ascii: ";"),
                let length = Int(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw .malformed("a chunk has no length") }
            rest = rest[end.upperBound...]
            if length == 0 { return body }
            guard body.count + length <= bodyMaximum else { throw .tooLong }
            guard rest.count >= length + 2 else { return nil }
            body += rest.prefix(length)
            guard rest.dropFirst(length).starts(with: lineEnd) else { throw .malformed("a chunk has no end") }
            rest = rest.dropFirst(length + 2)
        }
        guard rest.count < 1_024 else { throw .malformed("a chunk has no length") }
        return nil
    }
}

extension KeyAnswer {
    /// What of a head matters here.
    private struct Head {
        /// Of the document, in bytes; `nil`: it comes in chunks.
        let length: Int?

        init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed("its head is no text") }
            var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
            let status = lines.removeFirst().split(separator: " ", maxSplits: 2)
            guard status.count >= 2, status[0] == "HTTP/1.1" || status[0] == "HTTP/1.0", status[1].utf8.count == 3,
                let code = Int(status[1])
            else { throw .malformed("its first line is none") }
            guard code == 200 else { throw .status(code) }
            var fields: [String: String] = [:]
            for line in lines {
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(where: \.isWhitespace) else {
                    throw .malformed("a line of its head is none")
                }
                let name = parts[0].lowercased()
                guard Self.single.contains(name) else { continue }
                guard fields.updateValue(Self.trimmed(parts[1]), forKey: name) == nil else {
                    throw .malformed("its \(name) occurs twice")
                }
            }
            length = try Self.length(fields)
        }

        private static let single: Set = ["content-length", "transfer-encoding", "content-encoding"]

        private static func length(_ fields: [String: String]) throws(Fault) -> Int? {
            guard fields["content-encoding", default: "identity"].lowercased() == "identity" else {
                throw .malformed("it is compressed")
            }
            switch (fields["content-length"], fields["transfer-encoding"]?.lowercased()) {
            case (nil, "chunked"): return nil
            case (let text?, nil):
                guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text) else {
                    throw .malformed("its length is no number")
                }
                return length
            default: throw .malformed("it does not say in one way how long it is")
            }
        }

        private static func trimmed(_ text: Substring) -> String {
            String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }
}
