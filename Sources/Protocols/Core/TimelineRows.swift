/// The rows of a table that an event tells, as one run of bytes: no array per row and no string per cell.
///
/// A cell is text, or null. Before its UTF-8 stands a mark of four bytes (little-endian): how long it is, that the cell is
/// null, or that the row has ended.
public struct TimelineRows: Sendable, Hashable {
    /// Texts of cells, and marks between them: see ``Cell``.
    public private(set) var bytes: [UInt8] = []

    fileprivate enum Mark {
        static let null: UInt32 = .max
        static let endOfRow: UInt32 = .max - 1
        static let count = 4
    }

    public init() {}

    public var isEmpty: Bool { bytes.isEmpty }
}

// MARK: - Making them

extension TimelineRows {
    /// Makes room for what will be appended.
    public mutating func reserveCapacity(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    /// Appends a cell. Never inlined, as ``JSONWriter/string(_:)`` is not.
    @inline(never)
    public mutating func append(_ text: String) {
        let text = text.utf8.span
        bytes.appendLE(UInt32(text.count))
        bytes.append(text)
    }

    /// Appends a cell of what a peer said, shown as by ``DisplayText/decode(_:limit:)``.
    public mutating func append(decoding text: Span<UInt8>, limit: Int = .max) {
        let mark = bytes.count
        bytes.appendLE(UInt32(text.count))
        DisplayText.append(decoding: text, limit: limit, to: &bytes)
        let count = UInt32(bytes.count - mark - Mark.count)
        // Nearly always: it is shown as it is.
        guard count != text.count else { return }
        for place in 0..<Mark.count { bytes[mark + place] = UInt8(truncatingIfNeeded: count >> UInt32(8 * place)) }
    }

    public mutating func appendNull() { bytes.appendLE(Mark.null) }

    /// Ends the row of the cells appended since the last one; it may have none.
    public mutating func endRow() { bytes.appendLE(Mark.endOfRow) }
}

// MARK: - Reading them

extension TimelineRows: Sequence {
    public enum Cell: Sendable, Hashable {
        case null
        /// Where its UTF-8 stands in ``TimelineRows/bytes``.
        case text(Range<Int>)
    }

    public struct Row: Sequence, IteratorProtocol, Sendable {
        fileprivate let bytes: [UInt8]
        /// Where the next cell's mark stands.
        fileprivate var offset: Int

        public mutating func next() -> Cell? {
            guard let mark = bytes.span.uint32LE(at: offset) else { return nil }
            switch mark {
            case Mark.endOfRow: return nil
            case Mark.null:
                offset += Mark.count
                return .null
            default:
                let start = offset + Mark.count
                offset = start + Int(mark)
                return .text(start..<offset)
            }
        }

        public var values: [TimelineEvent.Value] {
            map { cell in
                switch cell {
                case .null: .null
                case .text(let range): .text(String(decoding: bytes[range], as: UTF8.self))
                }
            }
        }
    }

    public struct Iterator: IteratorProtocol, Sendable {
        fileprivate let bytes: [UInt8]
        fileprivate var offset = 0

        public mutating func next() -> Row? {
            guard offset < bytes.count else { return nil }
            let row = Row(bytes: bytes, offset: offset)
            var end = row
            while end.next() != nil {}
            offset = end.offset + Mark.count
            return row
        }
    }

    public func makeIterator() -> Iterator { Iterator(bytes: bytes) }
}

// MARK: - Codable

extension TimelineRows: Codable {
    /// As an array of rows, which are arrays of values.
    public func encode(to encoder: any Encoder) throws { try map(\.values).encode(to: encoder) }

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
