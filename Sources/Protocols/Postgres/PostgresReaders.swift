/// How a value is written. Peers may name formats that do not exist; the server answers those with an error.
public struct PostgresFormat: RawRepresentable, Sendable, Hashable, Codable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static var text: PostgresFormat { PostgresFormat(rawValue: 0) }
    public static var binary: PostgresFormat { PostgresFormat(rawValue: 1) }
}

/// A list of format codes within a message.
public struct PostgresFormats: Sendable, Equatable {
    public let count: Int
    /// Where the list begins: with its count.
    let offset: Int

    init(at offset: Int, in bytes: Span<UInt8>) {
        count = Int(bytes.uint16BE(at: offset) ?? 0)
        self.offset = offset
    }

    private var start: Int { offset + 2 }

    /// The offset of what follows the list.
    var end: Int { start + 2 * count }

    func isWithin(_ bytes: Span<UInt8>) -> Bool { end <= bytes.count }

    /// The format of the value at `index`: with no code at all everything is text, a single code stands for all.
    public func format(_ index: Int, in bytes: Span<UInt8>) -> PostgresFormat {
        guard count > 0 else { return .text }
        let slot = count == 1 ? 0 : min(index, count - 1)
        return PostgresFormat(rawValue: bytes.uint16BE(at: start + 2 * slot) ?? 0)
    }
}

/// A parameter or column: its bytes, or SQL's NULL.
public enum PostgresValue: Sendable, Equatable {
    case null
    case bytes(Range<Int>)

    /// `nil` for NULL.
    public var range: Range<Int>? {
        if case .bytes(let range) = self { range } else { nil }
    }
}

/// Reads values, each a length and so many bytes.
public struct PostgresValueReader: Sendable {
    public private(set) var remaining: Int
    private(set) var offset: Int
    private let end: Int
    private let direction: Direction
    /// Nothing may follow the last value.
    private let fillsMessage: Bool

    init(content: Range<Int>, count: Int, _ direction: Direction, fillsMessage: Bool = false) {
        remaining = count
        offset = content.lowerBound
        end = content.upperBound
        self.direction = direction
        self.fillsMessage = fillsMessage
    }

    /// Starts at the count of values.
    init(at offset: Int, end: Int, in bytes: Span<UInt8>, _ direction: Direction) {
        let count = Int(bytes.uint16BE(at: offset) ?? 0)
        self.init(content: (offset + 2)..<max(offset + 2, end), count: count, direction)
    }

    /// The next value; `nil` after the last one.
    public mutating func next(in bytes: Span<UInt8>) throws(WireFault) -> PostgresValue? {
        guard remaining > 0 else {
            guard offset == end || !fillsMessage else {
                throw WireFault(.malformed, "bytes follow a row's last value", direction, at: offset)
            }
            return nil
        }
        guard offset <= end - 4, let length = bytes.uint32BE(at: offset) else {
            throw WireFault(.malformed, "a value's length lies outside its message", direction, at: offset)
        }
        let start = offset + 4
        if length == .max {
            remaining -= 1
            offset = start
            return .null
        }
        guard Int(length) <= end - start else {
            throw WireFault(.malformed, "a value is longer than its message", direction, at: offset)
        }
        remaining -= 1
        offset = start + Int(length)
        return .bytes(start..<offset)
    }
}

/// Reads the columns of a RowDescription.
public struct PostgresColumnReader: Sendable {
    public private(set) var remaining: Int
    private var offset: Int
    private let end: Int

    init(content: Range<Int>, count: Int) {
        remaining = count
        offset = content.lowerBound
        end = content.upperBound
    }

    /// The next column; `nil` after the last one.
    public mutating func next(in bytes: Span<UInt8>) throws(WireFault) -> PostgresColumn? {
        guard remaining > 0 else {
            guard offset == end else {
                throw WireFault(.malformed, "bytes follow the last column", .serverToClient, at: offset)
            }
            return nil
        }
        guard let nameEnd = bytes.firstIndex(of: 0, from: offset), nameEnd + 19 <= end,
            let table = bytes.uint32BE(at: nameEnd + 1), let attribute = bytes.uint16BE(at: nameEnd + 5),
            let type = bytes.uint32BE(at: nameEnd + 7), let size = bytes.uint16BE(at: nameEnd + 11),
            let modifier = bytes.uint32BE(at: nameEnd + 13), let format = bytes.uint16BE(at: nameEnd + 17)
        else { throw WireFault(.malformed, "a column's description is cut short", .serverToClient, at: offset) }
        let column = PostgresColumn(
            name: offset..<nameEnd, table: table, attribute: Int16(bitPattern: attribute), type: type,
            typeSize: Int16(bitPattern: size), typeModifier: Int32(bitPattern: modifier),
            format: PostgresFormat(rawValue: format))
        remaining -= 1
        offset = nameEnd + 19
        return column
    }
}

/// Reads object ids, four bytes each.
public struct PostgresObjectIDReader: Sendable {
    private var rest: Range<Int>

    init(content: Range<Int>) { rest = content }

    public mutating func next(in bytes: Span<UInt8>) -> UInt32? {
        guard rest.count >= 4, let id = bytes.uint32BE(at: rest.lowerBound) else { return nil }
        rest = (rest.lowerBound + 4)..<rest.upperBound
        return id
    }
}

/// Reads zero-terminated strings up to a count, an empty one, or the end.
public struct PostgresStringReader: Sendable {
    private var rest: Range<Int>
    private var remaining: Int
    private let direction: Direction

    init(content: Range<Int>, count: Int, direction: Direction) {
        rest = content
        remaining = count
        self.direction = direction
    }

    public mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard remaining > 0, let end = bytes.firstIndex(of: 0, from: rest.lowerBound), end < rest.upperBound,
            end > rest.lowerBound
        else { return nil }
        let string = rest.lowerBound..<end
        remaining -= 1
        rest = (end + 1)..<rest.upperBound
        return string
    }
}

/// Reads the parameters of a startup packet.
public struct PostgresParameterReader: Sendable {
    private var rest: Range<Int>

    init(content: Range<Int>) { rest = content }

    /// The next name and value; `nil` after the last pair.
    public mutating func next(in bytes: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
        guard let nameEnd = bytes.firstIndex(of: 0, from: rest.lowerBound), nameEnd > rest.lowerBound,
            let valueEnd = bytes.firstIndex(of: 0, from: nameEnd + 1), valueEnd < rest.upperBound
        else { return nil }
        let pair = (name: rest.lowerBound..<nameEnd, value: (nameEnd + 1)..<valueEnd)
        rest = (valueEnd + 1)..<rest.upperBound
        return pair
    }
}

/// Reads the fields of an error or a notice.
public struct PostgresDiagnosticReader: Sendable {
    private var rest: Range<Int>

    init(content: Range<Int>) { rest = content }

    /// The next field's code byte and text; `nil` after the last one.
    public mutating func next(in bytes: Span<UInt8>) -> (code: UInt8, text: Range<Int>)? {
        let start = rest.lowerBound
        guard start < rest.upperBound, start < bytes.count, bytes[start] != 0,
            let end = bytes.firstIndex(of: 0, from: start + 1), end < rest.upperBound
        else { return nil }
        rest = (end + 1)..<rest.upperBound
        return (bytes[start], (start + 1)..<end)
    }
}
