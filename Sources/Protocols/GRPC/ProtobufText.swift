/// Shows a protobuf message without its descriptor: numbers of fields, and what their wire types tell
/// (https://protobuf.dev/programming-guides/encoding).
///
/// A length-delimited field is shown as text where it is text, as a message where it reads as one, else as bytes. That is a
/// guess, because only the descriptor knows.
enum ProtobufText {
    private static let depthMaximum = 8
    private static let fieldsMaximum = 200
    private static let textMaximum = 8192

    /// "1: "Alice" 2: 5 3 { 1: true }"; `nil` when the bytes are no message. With `isCut`, they are a message's beginning.
    static func render(_ bytes: Span<UInt8>, isCut: Bool = false) -> String? {
        var output = ""
        var fields = 0
        let whole = append(bytes, depth: 0, &fields, to: &output)
        guard whole || isCut && fields > 0 else { return nil }
        return whole ? output : output + " …"
    }

    /// False where the bytes end, or stop to be a message.
    private static func append(_ bytes: Span<UInt8>, depth: Int, _ fields: inout Int, to output: inout String) -> Bool {
        var reader = ProtobufReader()
        while reader.index < bytes.count {
            guard let field = reader.next(in: bytes) else { return false }
            fields += 1
            guard fields <= fieldsMaximum, output.utf8.count < textMaximum else {
                output += " …"
                return true
            }
            if !output.isEmpty { output += " " }
            output += String(field.number)
            switch field.value {
            case .varint(let value): output += ": \(value)"
            case .fixed32(let value): output += ": 0x" + padded(UInt64(value), 8)
            case .fixed64(let value): output += ": 0x" + padded(value, 16)
            case .bytes(let range): append(content: bytes.extracting(range), depth: depth, &fields, to: &output)
            case .group(let begins): output += begins ? " group {" : " }"
            }
        }
        return true
    }

    private static func append(
        content: Span<UInt8>, depth: Int, _ fields: inout Int, to output: inout String
    ) {
        if isText(content) {
            output += ": \"" + DisplayText.decode(content, limit: 1024) + "\""
            return
        }
        if depth < depthMaximum {
            var inner = " {"
            if append(content, depth: depth + 1, &fields, to: &inner) {
                output += inner + " }"
                return
            }
        }
        let shown = min(content.count, 64)
        output += ": 0x" + Hex.encode([UInt8](copying: content.extracting(0..<shown)))
        if shown < content.count { output += "… (\(content.count) bytes)" }
    }

    /// Printable UTF-8, line ends and tabs.
    private static func isText(_ content: Span<UInt8>) -> Bool {
        for index in content.indices {
            let byte = content[index]
            if byte < 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d || byte == 0x7f { return false }
        }
        return String(validating: [UInt8](copying: content), as: UTF8.self) != nil
    }

    private static func padded(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }
}

/// Walks through a message's fields.
struct ProtobufReader: Sendable {
    enum Value: Sendable, Equatable {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case bytes(Range<Int>)
        /// A group's beginning or end, which nobody writes any more.
        case group(begins: Bool)
    }

    struct Field: Sendable, Equatable {
        var number: UInt64
        var value: Value
    }

    private(set) var index = 0

    /// `nil` where the bytes are no field.
    mutating func next(in bytes: Span<UInt8>) -> Field? {
        guard let key = varint(in: bytes), key >> 3 > 0, key >> 3 < 1 << 29 else { return nil }
        return value(wireType: key & 7, in: bytes).map { Field(number: key >> 3, value: $0) }
    }

    private mutating func value(wireType: UInt64, in bytes: Span<UInt8>) -> Value? {
        switch wireType {
        case 0: return varint(in: bytes).map(Value.varint)
        case 1:
            guard let value = bytes.uint64LE(at: index) else { return nil }
            index += 8
            return .fixed64(value)
        case 2:
            guard let length = varint(in: bytes), length <= UInt64(bytes.count - index) else { return nil }
            defer { index += Int(length) }
            return .bytes(index..<index + Int(length))
        case 3: return .group(begins: true)
        case 4: return .group(begins: false)
        case 5:
            guard let value = bytes.uint32LE(at: index) else { return nil }
            index += 4
            return .fixed32(value)
        default: return nil
        }
    }

    /// At most ten bytes, seven bits each, the lowest first.
    private mutating func varint(in bytes: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while index < bytes.count, shift < 64 {
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }
}
