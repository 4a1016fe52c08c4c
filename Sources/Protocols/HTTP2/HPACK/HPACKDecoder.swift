/// Reads header blocks of one direction (RFC 7541).
public struct HPACKDecoder: Sendable, Equatable {
    /// Bounds on one header block.
    public struct Limits: Sendable, Equatable {
        /// Bytes of all names and values, and 32 for each field (RFC 9113 §6.5.2).
        public var listBytes = 256 << 10
        /// A count.
        public var fields = 2000

        public init() {}
    }

    /// No table is larger, whatever was agreed.
    public static let capacityMaximum = 1 << 20

    var table = HPACKTable()
    private let limits: Limits
    /// What the reading peer allows (SETTINGS_HEADER_TABLE_SIZE); never less than the usual, because a reader in the
    /// middle cannot tell when its sender learns of a change.
    private(set) var capacityAllowed = HPACKTable.usualCapacity
    /// A capture began late, or has a hole: indexes may mean what was never seen.
    private(set) var isIncomplete = false

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// The reading peer has announced a table of so many bytes.
    public mutating func allow(_ capacity: Int) {
        capacityAllowed = max(capacityAllowed, min(capacity, Self.capacityMaximum))
    }

    /// Indexes may now mean what was never seen: they give ``HPACKField/unknown``.
    public mutating func loseTrack() {
        isIncomplete = true
        capacityAllowed = Self.capacityMaximum
    }

    /// The fields of a whole block. After a fault the decoder is of no more use.
    public mutating func decode(_ block: Span<UInt8>) throws(HPACKFault) -> [HPACKField] {
        let list = try read(block)
        return list.fields.map(list.whole)
    }

    /// As ``decode(_:)``.
    mutating func read(_ block: Span<UInt8>) throws(HPACKFault) -> HPACKHeaderList {
        var list = HPACKHeaderList()
        // Most blocks hold less: one allocation for all bytes, and one for all fields.
        list.reserve(bytes: 2 * block.count + 160, fields: 12)
        var reader = HPACKReader()
        while reader.index < block.count {
            if block[reader.index] & 0xe0 == 0x20 {
                guard list.fields.isEmpty else { throw .sizeUpdate }
                try resize(&reader, block)
                continue
            }
            try readField(&reader, block, to: &list)
            guard list.size <= limits.listBytes, list.fields.count <= limits.fields else { throw .limit }
        }
        return list
    }

    /// A field by §6.1 (indexed) or §6.2 (literal: kept, passed by, or never to be kept).
    private mutating func readField(
        _ reader: inout HPACKReader, _ block: Span<UInt8>, to list: inout HPACKHeaderList
    ) throws(HPACKFault) {
        let lead = block[reader.index]
        if lead & 0x80 != 0 {
            let index = try reader.integer(prefix: 7, in: block)
            return table.copy(index, to: &list) ? () : try appendUnknown(index, to: &list)
        }
        let isKept = lead & 0x40 != 0
        let index = try reader.integer(prefix: isKept ? 6 : 4, in: block)
        if index == 0 {
            try list.begin(try reader.literal(in: block), in: block)
        } else if !table.copyName(index, to: &list) {
            try appendUnknown(index, to: &list)
        }
        try list.end(try reader.literal(in: block), isNeverIndexed: lead & 0xf0 == 0x10, in: block)
        if isKept { table.insert(list.fields[list.fields.count - 1], of: list) }
    }

    /// An index in no table may be one that was never seen.
    private func appendUnknown(_ index: Int, to list: inout HPACKHeaderList) throws(HPACKFault) {
        guard isIncomplete, index > 0 else { throw .index }
        list.append(.unknown)
    }

    private mutating func resize(_ reader: inout HPACKReader, _ block: Span<UInt8>) throws(HPACKFault) {
        let capacity = try reader.integer(prefix: 5, in: block)
        guard capacity <= capacityAllowed else { throw .sizeUpdate }
        table.resize(capacity)
    }
}

/// Walks through a block (RFC 7541 §5).
struct HPACKReader: Sendable {
    private(set) var index = 0

    /// No integer that makes sense is larger: neither index, nor length, nor table.
    private static let integerMaximum = 1 << 28

    /// §5.1: the low `prefix` bits of this byte, and seven bits from each that follows when they are all ones.
    mutating func integer(prefix: Int, in block: Span<UInt8>) throws(HPACKFault) -> Int {
        let mask = 1 << prefix - 1
        var value = Int(block[index]) & mask
        index += 1
        guard value == mask else { return value }
        var shift = 0
        while index < block.count {
            let byte = Int(block[index])
            index += 1
            value += (byte & 0x7f) << shift
            guard value <= Self.integerMaximum else { throw .integer }
            if byte & 0x80 == 0 { return value }
            shift += 7
            guard shift <= 28 else { throw .integer }
        }
        throw .truncated
    }

    /// §5.2: a length, then plain bytes or a Huffman code.
    mutating func literal(in block: Span<UInt8>) throws(HPACKFault) -> HPACKLiteral {
        guard index < block.count else { throw .truncated }
        let isHuffman = block[index] & 0x80 != 0
        let length = try integer(prefix: 7, in: block)
        guard length <= block.count - index else { throw .truncated }
        defer { index += length }
        return HPACKLiteral(octets: index..<index + length, isHuffman: isHuffman)
    }
}
