/// How content may be encoded for its way (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
public enum ContentCoding: Sendable, CaseIterable {
    case gzip, deflate, brotli, zstd

    /// By its name; names are case-insensitive.
    public init?(_ name: String) {
        switch name.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        case "br": self = .brotli
        case "zstd": self = .zstd
        default: return nil
        }
    }

    /// Codings that one content may have; a count.
    private static let maximum = 4

    /// By a Content-Encoding: in the order in which they were applied (RFC 9110 §8.4). `nil` where one of them is unknown, or
    /// there are more than anybody needs.
    public static func list(_ text: String) -> [ContentCoding]? {
        let names = text.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        var codings: [ContentCoding] = []
        for name in names where !name.isEmpty && name.lowercased() != "identity" {
            guard let coding = ContentCoding(name), codings.count < maximum else { return nil }
            codings.append(coding)
        }
        return codings
    }

    /// What `count` encoded bytes may come to before they count as a bomb: a hundred times as much, and 8 MiB at most.
    public static func limit(ofEncoded count: Int) -> Int { min(8 << 20, max(0, min(count, 1 << 20)) * 100) }
}

/// Content with its coding undone, as far as that went.
public struct DecodedContent: Sendable, Equatable {
    public enum End: String, Sendable {
        /// All of it.
        case whole
        /// The limit.
        case cut
        /// The encoded content ends too early.
        case truncated
        /// What is no longer of that coding.
        case damaged
    }

    public var bytes: [UInt8]
    /// Where decoding ended.
    public var end: End

    public init(_ bytes: [UInt8], _ end: End) {
        self.bytes = bytes
        self.end = end
    }
}
