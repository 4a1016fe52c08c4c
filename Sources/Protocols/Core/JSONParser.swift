extension JSON {
    /// Reads one JSON text. Strict: RFC 8259 grammar, valid UTF-8, no duplicate keys, nothing after the value.
    ///
    /// - Parameters:
    ///   - depth: how far arrays and objects may nest.
    ///   - values: how many values the text may hold, which bounds memory by a multiple of the text's length.
    public static func parse(
        _ bytes: Span<UInt8>, depth: Int = 32, values: Int = 100_000
    ) throws(JSONFault) -> JSON {
        var parser = JSONParser(depth: depth, values: values)
        let value = try parser.value(bytes)
        parser.skipSpace(bytes)
        guard parser.at == bytes.count else { throw JSONFault("something follows the value", at: parser.at) }
        return value
    }

    public static func parse(_ text: String, depth: Int = 32) throws(JSONFault) -> JSON {
        let bytes = Array(text.utf8)
        return try parse(bytes.span, depth: depth)
    }
}

/// A recursive descent over RFC 8259. The text is passed to each step, since a span cannot be stored.
private struct JSONParser {
    var at = 0
    var depth: Int
    var values: Int

    init(depth: Int, values: Int) {
        self.depth = depth
        self.values = values
    }

    mutating func skipSpace(_ text: Span<UInt8>) {
        while at < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[at]) { at += 1 }
    }

    func peek(_ text: Span<UInt8>) throws(JSONFault) -> UInt8 {
        guard at < text.count else { throw JSONFault("the text ends too early", at: at) }
        return text[at]
    }

    mutating func expect(_ byte: UInt8, _ text: Span<UInt8>) throws(JSONFault) {
        guard try peek(text) == byte else { throw JSONFault("unexpected character", at: at) }
        at += 1
    }

    mutating func value(_ text: Span<UInt8>) throws(JSONFault) -> JSON {
        skipSpace(text)
        guard values > 0 else { throw JSONFault("too many values", at: at) }
        values -= 1
        switch try peek(text) {
        case UInt8(ascii: "{"): return try nested(text) { (parser, text) throws(JSONFault) in try parser.object(text) }
        case UInt8(ascii: "["): return try nested(text) { (parser, text) throws(JSONFault) in try parser.array(text) }
        case UInt8(ascii: "\""): return .string(try string(text))
        case UInt8(ascii: "t"): return try word("true", .bool(true), text)
        case UInt8(ascii: "f"): return try word("false", .bool(false), text)
        case UInt8(ascii: "n"): return try word("null", .null, text)
        default: return try number(text)
        }
    }

    private mutating func nested(
        _ text: Span<UInt8>, _ body: (inout JSONParser, Span<UInt8>) throws(JSONFault) -> JSON
    ) throws(JSONFault) -> JSON {
        guard depth > 0 else { throw JSONFault("nested too deeply", at: at) }
        depth -= 1
        at += 1
        let value = try body(&self, text)
        depth += 1
        return value
    }

    private mutating func object(_ text: Span<UInt8>) throws(JSONFault) -> JSON {
        var members: [String: JSON] = [:]
        skipSpace(text)
        if try peek(text) == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace(text)
            let start = at
            let key = try string(text)
            skipSpace(text)
            try expect(UInt8(ascii: ":"), text)
            guard members.updateValue(try value(text), forKey: key) == nil else {
                throw JSONFault("a key occurs twice", at: start)
            }
            skipSpace(text)
            if try peek(text) == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","), text)
        }
        at += 1
        return .object(members)
    }

    private mutating func array(_ text: Span<UInt8>) throws(JSONFault) -> JSON {
        var elements: [JSON] = []
        skipSpace(text)
        if try peek(text) == UInt8(ascii: "]") {
            at += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(text))
            skipSpace(text)
            if try peek(text) == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","), text)
        }
        at += 1
        return .array(elements)
    }

    private mutating func word(
        _ word: StaticString, _ value: JSON, _ text: Span<UInt8>
    ) throws(JSONFault) -> JSON {
        for byte in word.description.utf8 { try expect(byte, text) }
        return value
    }
}

extension JSONParser {
    /// RFC 8259 §6. An integer that fits 64 bits stays one; anything else is a double.
    private mutating func number(_ text: Span<UInt8>) throws(JSONFault) -> JSON {
        let start = at
        var isInteger = true
        if try peek(text) == UInt8(ascii: "-") { at += 1 }
        let first = try peek(text)
        let digits = try skipDigits(text)
        if first == UInt8(ascii: "0"), digits > 1 { throw JSONFault("a number begins with 0", at: start) }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            isInteger = false
            at += 1
            _ = try skipDigits(text)
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            at += 1
            if [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(try peek(text)) { at += 1 }
            _ = try skipDigits(text)
        }
        guard at - start <= 64 else { throw JSONFault("a number is too long", at: start) }
        let literal = String(decoding: [UInt8](copying: text.extracting(start..<at)), as: UTF8.self)
        if isInteger, let integer = Int64(literal) { return .integer(integer) }
        guard let double = Double(literal), double.isFinite else { throw JSONFault("a number is too large", at: start) }
        return .double(double)
    }

    private mutating func skipDigits(_ text: Span<UInt8>) throws(JSONFault) -> Int {
        let start = at
        while at < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) { at += 1 }
        guard at > start else { throw JSONFault("a digit is missing", at: at) }
        return at - start
    }

    /// RFC 8259 §7.
    private mutating func string(_ text: Span<UInt8>) throws(JSONFault) -> String {
        let start = at
        try expect(UInt8(ascii: "\""), text)
        let whole = try plainRun(text)
        if text[at] == UInt8(ascii: "\"") {
            at += 1
            return try decode(text.extracting(whole), from: start)
        }
        var bytes = [UInt8](copying: text.extracting(whole))
        while text[at] != UInt8(ascii: "\"") {
            at += 1
            try escape(text, into: &bytes)
            bytes.append(text.extracting(try plainRun(text)))
        }
        at += 1
        return try decode(bytes.span, from: start)
    }

    /// Passes over what stands for itself, up to the next quotation mark or escape.
    private mutating func plainRun(_ text: Span<UInt8>) throws(JSONFault) -> Range<Int> {
        let start = at
        while true {
            let byte = try peek(text)
            guard byte >= 0x20 else { throw JSONFault("a control character in a string", at: at) }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return start..<at }
            at += 1
        }
    }

    private func decode(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> String {
        guard let text = try? UTF8Span(validating: bytes) else { throw JSONFault("a string is not UTF-8", at: start) }
        return String(copying: text)
    }

    private mutating func escape(_ text: Span<UInt8>, into bytes: inout [UInt8]) throws(JSONFault) {
        let start = at - 1
        let letter = try peek(text)
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0c)
        case UInt8(ascii: "n"): bytes.append(0x0a)
        case UInt8(ascii: "r"): bytes.append(0x0d)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes.append(contentsOf: String(try scalar(text, from: start)).utf8)
        default: throw JSONFault("an unknown escape", at: start)
        }
    }

    private mutating func scalar(_ text: Span<UInt8>, from start: Int) throws(JSONFault) -> Character {
        var code = try hex4(text)
        if (0xd800..<0xdc00).contains(code) {
            try expect(UInt8(ascii: "\\"), text)
            try expect(UInt8(ascii: "u"), text)
            let low = try hex4(text)
            guard (0xdc00..<0xe000).contains(low) else { throw JSONFault("half of a surrogate pair", at: start) }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONFault("half of a surrogate pair", at: start) }
        return Character(scalar)
    }

    private mutating func hex4(_ text: Span<UInt8>) throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.digit(try peek(text)) else { throw JSONFault("a bad \\u escape", at: at) }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }
}
