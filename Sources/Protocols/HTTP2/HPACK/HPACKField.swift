/// One header field as HPACK carries it (RFC 7541 §1.3): any bytes, names in lower case by HTTP/2's rule.
public struct HPACKField: Sendable, Hashable {
    public var name: [UInt8]
    public var value: [UInt8]
    /// The sender asks that nobody on the way puts it into a table: a secret (§7.1.3).
    public var isNeverIndexed: Bool

    public init(_ name: [UInt8], _ value: [UInt8], isNeverIndexed: Bool = false) {
        self.name = name
        self.value = value
        self.isNeverIndexed = isNeverIndexed
    }

    public init(_ name: String, _ value: String) { self.init(Array(name.utf8), Array(value.utf8)) }

    /// What it costs in a table (§4.1).
    var size: Int { name.count + value.count + 32 }

    /// Stands where a capture began too late to know what an index means.
    public static let unknown = HPACKField("", "")

    var isUnknown: Bool { name.isEmpty && value.isEmpty && !isNeverIndexed }
}

/// Why a header block cannot be read (RFC 7541). Ends the connection, because both tables have come apart (§2.2).
public enum HPACKFault: Error, Sendable, Equatable {
    /// The block ends within a field.
    case truncated
    /// An integer beyond 2²⁸, or with more than the bytes that takes (§5.1).
    case integer
    /// Index 0, or beyond both tables (§2.3.3).
    case index
    /// Padding that is no prefix of EOS, or more than seven bits of it, or EOS itself (§5.2).
    case huffman
    /// A size update that is not at the block's beginning, or beyond what the reader allowed (§4.2, §6.3).
    case sizeUpdate
    /// More fields, or longer ones, than we take.
    case limit

    var reason: StaticString {
        switch self {
        case .truncated: "a header block ends within a field"
        case .integer: "an integer in a header block is out of bounds"
        case .index: "an index in a header block is in no table"
        case .huffman: "a Huffman code in a header block is none"
        case .sizeUpdate: "a table's size update is not allowed there"
        case .limit: "a header block holds too much"
        }
    }
}
