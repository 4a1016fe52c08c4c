import Protocols

/// The fields of a head, and where it stands in the stream.
struct HARHead: Sendable {
    private(set) var fields: [HARField]
    /// What the fields hold in memory.
    private(set) var heldCount: Int
    var range: Range<UInt64>
    /// Bytes as a text that ends with an empty line; `nil` where it was no text (RFC 9113 §4.3).
    var size: UInt64?

    /// A head of HTTP/1.
    ///
    /// - Parameter offset: of its first byte in the stream.
    init(_ fields: HTTPFields, _ bytes: Span<UInt8>, at offset: UInt64) {
        range = offset..<offset &+ UInt64(bytes.count)
        size = UInt64(bytes.count)
        self.fields = fields.map {
            HARField($0.name(in: bytes), $0.value(in: bytes), at: Self.streamRange($0.valueRange, from: offset))
        }
        heldCount = Self.heldCount(of: self.fields)
    }

    /// A header block of HTTP/2. Fields that an earlier block has named, which nobody captured, are left out.
    init(_ fields: [HPACKField], at range: Range<UInt64>) {
        self.range = range
        self.fields = fields.filter { $0 != .unknown }.map {
            HARField(DisplayText.decode($0.name.span), DisplayText.decode($0.value.span))
        }
        heldCount = Self.heldCount(of: self.fields)
    }

    private static func heldCount(of fields: [HARField]) -> Int { fields.reduce(0) { $0 + $1.heldCount } }

    mutating func leaveOutFields() {
        fields = []
        heldCount = 0
    }

    /// A range of the head's bytes as one of the stream's.
    func streamRange(_ range: Range<Int>) -> Range<UInt64> { Self.streamRange(range, from: self.range.lowerBound) }

    private static func streamRange(_ range: Range<Int>, from offset: UInt64) -> Range<UInt64> {
        offset &+ UInt64(range.lowerBound)..<offset &+ UInt64(range.upperBound)
    }

    /// Of the first field of that name, which is written in lower case.
    func value(_ name: String) -> String? { fields.first { $0.isNamed(name) }?.value }

    var sizeJSON: JSON { size.map(JSON.unsigned) ?? -1 }

    /// Name and value of every field line, in order; a comment where the gateway put filler in place of a secret.
    func headers(_ notes: HARNotes) -> JSON { .array(fields.map { $0.json(notes) }) }

    func cookies(_ name: String, _ read: (String) -> [[String: JSON]], _ notes: HARNotes) -> JSON {
        var cookies: [JSON] = []
        for field in fields where field.isNamed(name) {
            let comment = field.redaction(notes).map(JSON.string)
            for var cookie in read(field.value) {
                cookie["comment"] = comment
                cookies.append(.object(cookie))
            }
        }
        return .array(cookies)
    }
}

/// One field line.
struct HARField: Sendable {
    /// What it takes to hold one, beside its texts.
    private static let overhead = 96

    var name: String
    var value: String
    /// Where the value stands in the stream; `nil` where it stands there in no form of its own.
    var range: Range<UInt64>?

    init(_ name: String, _ value: String, at range: Range<UInt64>? = nil) {
        self.name = name
        self.value = value
        self.range = range
    }

    var heldCount: Int { name.utf8.count + value.utf8.count + Self.overhead }

    func isNamed(_ name: String) -> Bool {
        self.name.utf8.count == name.utf8.count && self.name.lowercased() == name
    }

    /// Why the value is filler; `nil` where it is what was sent.
    func redaction(_ notes: HARNotes) -> String? { range.flatMap(notes.redaction) }

    func json(_ notes: HARNotes) -> JSON {
        var members: [String: JSON] = ["name": .string(name), "value": .string(value)]
        members["comment"] = redaction(notes).map(JSON.string)
        return .object(members)
    }
}
