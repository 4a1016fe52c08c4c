/// Writes header blocks of one direction (RFC 7541).
public struct HPACKEncoder: Sendable {
    private var table = HPACKTable()
    private let usesHuffman: Bool
    /// Size updates that the next block begins with (§4.2).
    private var updates: [Int] = []

    public init(usesHuffman: Bool = true) { self.usesHuffman = usesHuffman }

    /// The table holds so many bytes from the next block on. The reader must have allowed it.
    public mutating func resize(_ capacity: Int) {
        table.resize(capacity)
        updates.append(capacity)
    }

    public mutating func encode(_ fields: [HPACKField]) -> [UInt8] {
        var block: [UInt8] = []
        for capacity in exchange(&updates, with: []) { append(capacity, prefix: 5, pattern: 0x20, to: &block) }
        for field in fields { encode(field, to: &block) }
        return block
    }

    private mutating func encode(_ field: HPACKField, to block: inout [UInt8]) {
        let known = table.find(field)
        if let known, known.hasValue, !field.isNeverIndexed {
            append(known.index, prefix: 7, pattern: 0x80, to: &block)
            return
        }
        if field.isNeverIndexed {
            append(known?.index ?? 0, prefix: 4, pattern: 0x10, to: &block)
        } else {
            append(known?.index ?? 0, prefix: 6, pattern: 0x40, to: &block)
        }
        if known == nil { append(field.name, to: &block) }
        append(field.value, to: &block)
        if !field.isNeverIndexed { table.insert(field) }
    }

    private func append(_ value: Int, prefix: Int, pattern: UInt8, to block: inout [UInt8]) {
        let mask = 1 << prefix - 1
        guard value >= mask else { return block.append(pattern | UInt8(value)) }
        block.append(pattern | UInt8(mask))
        var rest = value - mask
        while rest >= 0x80 {
            block.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        block.append(UInt8(rest))
    }

    private func append(_ string: [UInt8], to block: inout [UInt8]) {
        let coded = HPACKHuffman.encodedCount(string)
        guard usesHuffman, coded < string.count else {
            append(string.count, prefix: 7, pattern: 0, to: &block)
            block += string
            return
        }
        append(coded, prefix: 7, pattern: 0x80, to: &block)
        HPACKHuffman.encode(string, appendingTo: &block)
    }
}
