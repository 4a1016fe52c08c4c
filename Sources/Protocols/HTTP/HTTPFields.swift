/// The fields of a head or of a trailer section, in their order: ranges into the message's bytes, nothing copied.
public struct HTTPFields: Sendable, Equatable, RandomAccessCollection {
    private var storage: [HTTPField] = []

    public init() {}

    public var startIndex: Int { 0 }
    public var endIndex: Int { storage.count }
    public subscript(index: Int) -> HTTPField { storage[index] }

    /// The first field of that name.
    public func first(_ name: HTTPFieldName) -> HTTPField? {
        for field in storage where field.name == name { return field }
        return nil
    }

    public func contains(_ name: HTTPFieldName) -> Bool { first(name) != nil }

    /// The first field of that name, which is written in lower case.
    public func first(named name: String, in bytes: Span<UInt8>) -> HTTPField? {
        for field in storage where field.isNamed(name, in: bytes) { return field }
        return nil
    }

    /// The first such field's value as text; see ``HTTPField/value(in:)``.
    public func value(_ name: HTTPFieldName, in bytes: Span<UInt8>) -> String? { first(name)?.value(in: bytes) }

    /// Whether a list-valued field (Connection, Upgrade, Transfer-Encoding) has the element; `element` is in lower case.
    public func lists(_ element: String, in name: HTTPFieldName, _ bytes: Span<UInt8>) -> Bool {
        for field in storage where field.name == name {
            var elements = HTTPListReader(field.valueRange)
            while let found = elements.next(bytes) {
                if bytes.extracting(found).isEqualIgnoringCase(element) { return true }
            }
        }
        return false
    }

    mutating func append(_ field: HTTPField) {
        // Most heads have fewer than 16 fields: one allocation for all of them.
        if storage.isEmpty { storage.reserveCapacity(16) }
        storage.append(field)
    }
}

/// One field line (RFC 9112 §5).
public struct HTTPField: Sendable, Equatable {
    /// What the name is when it is one of those that the gateway knows.
    public let name: HTTPFieldName
    private let start: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32
    private let end: UInt32

    init(_ name: HTTPFieldName, nameRange: Range<Int>, valueRange: Range<Int>, end: Int) {
        self.name = name
        start = UInt32(truncatingIfNeeded: nameRange.lowerBound)
        nameEnd = UInt32(truncatingIfNeeded: nameRange.upperBound)
        valueStart = UInt32(truncatingIfNeeded: valueRange.lowerBound)
        valueEnd = UInt32(truncatingIfNeeded: valueRange.upperBound)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    public var nameRange: Range<Int> { Int(start)..<Int(nameEnd) }
    /// Without the whitespace around it.
    public var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    /// The whole line with its CRLF.
    public var line: Range<Int> { Int(start)..<Int(end) }

    /// The name as it was written.
    public func name(in bytes: Span<UInt8>) -> String { DisplayText.decode(bytes.extracting(nameRange)) }

    /// The value as text; bytes that are not UTF-8 as `\xNN`.
    public func value(in bytes: Span<UInt8>) -> String { DisplayText.decode(bytes.extracting(valueRange)) }

    /// Names are case-insensitive (RFC 9110 §5.1); `name` is in lower case.
    public func isNamed(_ name: String, in bytes: Span<UInt8>) -> Bool {
        bytes.extracting(nameRange).isEqualIgnoringCase(name)
    }
}

/// Walks the elements of a comma-separated list (RFC 9110 §5.6.1), empty ones left out. Knows no quoted strings.
struct HTTPListReader {
    private var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next element without the whitespace around it.
    mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        while position < end, bytes[position].isHTTPWhitespace || bytes[position] == UInt8(ascii: ",") { position += 1 }
        guard position < end else { return nil }
        let start = position
        while position < end, bytes[position] != UInt8(ascii: ",") { position += 1 }
        var last = position
        while bytes[last - 1].isHTTPWhitespace { last -= 1 }
        return start..<last
    }
}
