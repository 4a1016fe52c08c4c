/// An ordered collection of header fields (RFC 7541 §1.3). All names and values stand in one buffer: a field has no memory of its own,
/// and is copied, passed on and forgotten as bytes are.
struct HPACKHeaderList: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        /// Where the name begins in the buffer. The value follows at once.
        var start: Int
        var nameCount: Int
        var valueCount: Int
        var name: HPACKFieldName
        /// As in ``HPACKField/isNeverIndexed``.
        var isNeverIndexed = false
        /// Where the value stands in the header block; `nil` for one from a table.
        var literal: HPACKLiteral?

        var nameRange: Range<Int> { start..<start + nameCount }
        var valueRange: Range<Int> { start + nameCount..<end }
        var end: Int { start + nameCount + valueCount }

        fileprivate mutating func end(_ value: HPACKLiteral, count: Int, isNeverIndexed: Bool) {
            valueCount = count
            self.isNeverIndexed = isNeverIndexed
            literal = value
        }

        /// As in ``HPACKField/isUnknown``.
        var isUnknown: Bool { nameCount == 0 && valueCount == 0 && !isNeverIndexed }
    }

    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []

    init() {}

    init(_ fields: [HPACKField]) {
        for field in fields { append(field) }
    }

    /// What its fields cost in a table (§4.1).
    var size: Int { bytes.count + 32 * fields.count }

    func whole(_ field: Field) -> HPACKField {
        HPACKField(
            Array(bytes[field.nameRange]), Array(bytes[field.valueRange]), isNeverIndexed: field.isNeverIndexed)
    }

    /// The first one of that name.
    func first(_ name: HPACKFieldName) -> Field? {
        let fields = fields.span
        for index in fields.indices where fields[index].name == name { return fields[index] }
        return nil
    }

    /// A pseudo-header field, or what looks like one (RFC 9113 §8.3).
    func isPseudo(_ field: Field) -> Bool { field.nameCount > 0 && bytes[field.start] == UInt8(ascii: ":") }

    mutating func reserve(bytes byteCount: Int, fields fieldCount: Int) {
        bytes.reserveCapacity(byteCount)
        fields.reserveCapacity(fieldCount)
    }

    // MARK: Whole fields

    mutating func append(_ field: HPACKField) {
        let start = bytes.count
        bytes += field.name
        bytes += field.value
        fields.append(
            Field(
                start: start, nameCount: field.name.count, valueCount: field.value.count,
                name: HPACKFieldName(field.name.span), isNeverIndexed: field.isNeverIndexed))
    }

    /// A field of another list, without what is said of its place in a block.
    mutating func append(_ field: Field, of other: borrowing HPACKHeaderList) {
        let start = bytes.count
        bytes.append(contentsOf: other.bytes[field.start..<field.end])
        fields.append(
            Field(start: start, nameCount: field.nameCount, valueCount: field.valueCount, name: field.name))
    }

    /// Forgets the first `count` fields.
    mutating func removeFirst(_ count: Int) {
        let byteCount = count < fields.count ? fields[count].start : bytes.count
        fields.removeFirst(count)
        bytes.removeFirst(byteCount)
        for index in fields.indices { fields[index].start -= byteCount }
    }

    // MARK: Fields in parts

    /// A field begins, with a name that another list has.
    mutating func begin(nameOf field: Field, of other: borrowing HPACKHeaderList) {
        let start = bytes.count
        bytes.append(contentsOf: other.bytes[field.nameRange])
        fields.append(Field(start: start, nameCount: field.nameCount, valueCount: 0, name: field.name))
    }

    /// A field begins, with a name that stands in a header block.
    mutating func begin(_ name: HPACKLiteral, in block: Span<UInt8>) throws(HPACKFault) {
        let start = bytes.count
        try name.append(from: block, to: &bytes)
        fields.append(
            Field(
                start: start, nameCount: bytes.count - start, valueCount: 0,
                name: HPACKFieldName(bytes.span.extracting(start...))))
    }

    /// The value of the field that has begun last.
    mutating func end(_ value: HPACKLiteral, isNeverIndexed: Bool, in block: Span<UInt8>) throws(HPACKFault) {
        let start = bytes.count
        try value.append(from: block, to: &bytes)
        fields[fields.count - 1].end(value, count: bytes.count - start, isNeverIndexed: isNeverIndexed)
    }
}
