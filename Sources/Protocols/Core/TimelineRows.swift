/// The rows of a table that an event tells: arrays of cells, which are text or null.
///
/// They are kept as the JSON that most readers want of them, `["id","name"],["1",null]`: no array per row, no string per cell.
public struct TimelineRows: Sendable, Hashable {
    /// The elements of a JSON array.
    fileprivate var json: [UInt8] = []

    public init() {}

    public var isEmpty: Bool { json.isEmpty }

    /// All rows, from the first on.
    public var values: [[TimelineEvent.Value]] {
        let text = Array("[".utf8) + json + Array("]".utf8)
        guard case .array(let rows)? = try? JSON.parse(text.span, values: text.count) else { return [] }
        return rows.map { row in (row.array ?? []).map { $0.string.map(TimelineEvent.Value.text) ?? .null } }
    }
}

// MARK: - Making them

extension TimelineRows {
    /// Makes room for what will be appended.
    public mutating func reserveCapacity(_ byteCount: Int) { json.reserveCapacity(byteCount) }

    /// Appends a cell. Never inlined, as ``JSONWriter/string(_:)`` is not.
    @inline(never)
    public mutating func append(_ text: String) {
        separate()
        json.append(quoted: text.utf8.span)
    }

    /// Appends a cell of what a peer said, shown as by ``DisplayText/decode(_:limit:)``.
    public mutating func append(decoding text: Span<UInt8>, limit: Int = .max) {
        separate()
        if text.count <= limit, json.append(quotedIfPlain: text) { return }
        var shown: [UInt8] = []
        DisplayText.append(decoding: text, limit: limit, to: &shown)
        json.append(quoted: shown.span)
    }

    public mutating func appendNull() {
        separate()
        json.append(contentsOf: "null".utf8)
    }

    /// Ends the row of the cells appended since the last one; it may have none.
    public mutating func endRow() {
        if isBetweenRows { separate() }
        json.append(UInt8(ascii: "]"))
    }

    /// Cells end in a quote, or in `null`.
    private var isBetweenRows: Bool { json.last == nil || json.last == UInt8(ascii: "]") }

    /// Begins a row, or goes on in it.
    private mutating func separate() {
        let beginsRow = isBetweenRows
        if !json.isEmpty { json.append(UInt8(ascii: ",")) }
        if beginsRow { json.append(UInt8(ascii: "[")) }
    }
}

// MARK: - Writing them

extension JSONWriter {
    /// An array of arrays of strings and nulls.
    public mutating func rows(_ rows: TimelineRows) { array { $0.elements(rows.json) } }
}

extension TimelineRows: Codable {
    /// As an array of rows, which are arrays of values.
    public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }

    /// - Throws: `DecodingError` where a cell is neither text nor null.
    public init(from decoder: any Decoder) throws {
        for row in try [[TimelineEvent.Value]](from: decoder) {
            for cell in row {
                switch cell {
                case .text(let text): append(text)
                case .null: appendNull()
                default:
                    throw DecodingError.dataCorrupted(
                        .init(codingPath: decoder.codingPath, debugDescription: "a cell is text or null"))
                }
            }
            endRow()
        }
    }
}
