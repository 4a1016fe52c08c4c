/// Writes JSON (RFC 8259) as compact UTF-8, value after value, without holding any of it as a tree.
///
/// Whoever writes an object names its members in UTF-8 order, as ``value(_:)`` sorts them: one value, one spelling.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8]
    /// Something stands before the next value in the array or object that is open.
    private var needsComma = false

    /// Writes behind what is there.
    public init(behind bytes: consuming [UInt8] = []) { self.bytes = bytes }

    /// Appends what `body` writes.
    public static func write(into output: inout [UInt8], _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(behind: exchange(&output, with: []))
        body(&writer)
        output = writer.bytes
    }

    // MARK: Structure

    @inlinable public mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    @inlinable public mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        elements(&self)
        close(UInt8(ascii: "]"))
    }

    /// A member of the object that is open. `value` writes one value.
    @inlinable public mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
        self.name(name)
        value(&self)
    }

    @usableFromInline mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    @usableFromInline mutating func open(_ bracket: UInt8) {
        comma()
        bytes.append(bracket)
        needsComma = false
    }

    @usableFromInline mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Ends a line of JSON lines.
    public mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }
}

// MARK: - Values

extension JSONWriter {
    public mutating func null() { word("null") }

    public mutating func boolean(_ value: Bool) { word(value ? "true" : "false") }

    private mutating func word(_ word: String) {
        comma()
        bytes.append(contentsOf: word.utf8)
    }

    public mutating func integer(_ value: Int64) {
        comma()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(decimal: value.magnitude)
    }

    /// Counts above 2⁶³−1 do not occur in practice; they are written as that bound.
    public mutating func unsigned(_ value: UInt64) { integer(Int64(clamping: value)) }

    /// A moment as in ``UTCDate/extended8601``.
    ///
    /// - Parameter wallNanoseconds: since 1970-01-01T00:00:00Z.
    public mutating func time(_ wallNanoseconds: Int64) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        UTCDate(wallNanoseconds: wallNanoseconds).appendExtended8601(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A string with quotes; controls and all characters that could mislead a terminal or a reader are escaped.
    ///
    /// Never inlined: Swift 6.3 forgets, in another module, that the bytes of a short string live in this function's frame.
    @inline(never)
    public mutating func string(_ value: String) {
        comma()
        bytes.append(quoted: value.utf8.span)
    }

    /// Elements of the array that is open, with commas between them, as another writer has written them.
    mutating func elements(_ written: [UInt8]) {
        guard !written.isEmpty else { return }
        comma()
        bytes.append(contentsOf: written)
    }

    /// Bytes as base64 text.
    public mutating func bytes(_ value: [UInt8]) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(value.span, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func strings(_ values: [String]) { array { for value in values { $0.string(value) } } }

    public mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let value): boolean(value)
        case .integer(let value): integer(value)
        // RFC 8259 has no infinities.
        case .double(let value): word(value.isFinite ? String(value) : "null")
        case .string(let value): string(value)
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .object(let members):
            // UTF-8 order is the same everywhere; String's own order depends on Unicode normalization.
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            object {
                for member in sorted { $0.member(member.key) { $0.value(member.value) } }
            }
        }
    }
}

// MARK: - Strings

extension [UInt8] {
    /// Appends a string with quotes; controls and all characters that could mislead a terminal or a reader are escaped.
    ///
    /// - Parameter text: valid UTF-8.
    mutating func append(quoted text: Span<UInt8>) {
        if append(quotedIfPlain: text) { return }
        append(UInt8(ascii: "\""))
        var start = 0
        while start < text.count, text[start] < 0x80 {
            append(escaping: text[start])
            let end = Self.endOfPlain(text, from: start + 1)
            append(text.extracting(start + 1..<end))
            start = end
        }
        if let rest = try? UTF8Span(validating: text.extracting(start...)) {
            var scalars = rest.makeUnicodeScalarIterator()
            while let scalar = scalars.next() { append(escaping: scalar) }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a string with quotes if all of it is printable ASCII that stands for itself, as most strings are.
    mutating func append(quotedIfPlain text: Span<UInt8>) -> Bool {
        guard Self.endOfPlain(text, from: 0) == text.count else { return false }
        append(addingCapacity: text.count + 2) { (output: inout OutputSpan<UInt8>) in
            output.append(UInt8(ascii: "\""))
            for index in text.indices { output.append(text[index]) }
            output.append(UInt8(ascii: "\""))
        }
        return true
    }

    /// Where the printable ASCII ends that stands for itself.
    private static func endOfPlain(_ text: Span<UInt8>, from start: Int) -> Int {
        text.firstIndex(from: start) {
            $0.isBelow(0x20) | $0.isAbove(0x7e) | $0.isEqual(to: UInt8(ascii: "\""))
                | $0.isEqual(to: UInt8(ascii: "\\"))
        }
    }

    private mutating func append(escaping scalar: Unicode.Scalar) {
        if scalar.isASCII { return append(escaping: UInt8(truncatingIfNeeded: scalar.value)) }
        guard DisplayText.isUnsafe(scalar) else { return append(contentsOf: UTF8.encode(scalar)!) }
        for unit in UTF16.encode(scalar)! { append(escape: unit) }
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
        case 0x20..<0x7f: append(byte)
        default: append(escape: UInt16(byte))
        }
    }

    private mutating func append(escape unit: UInt16) {
        append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] { append(Hex.digits[Int(unit >> UInt16(shift) & 15)]) }
    }
}

extension JSON {
    /// The value as compact UTF-8 text with sorted keys: one value, one spelling.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        write(into: &output)
        return output
    }

    /// ``encoded()`` as a string.
    public var text: String { String(decoding: encoded(), as: UTF8.self) }

    public func write(into output: inout [UInt8]) { JSONWriter.write(into: &output) { $0.value(self) } }
}
