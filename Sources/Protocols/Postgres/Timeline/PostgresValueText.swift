/// Shows values as `psql` would: those in binary format by their type's object id (`pg_type.dat`), others as hex.
enum PostgresValueText {
    /// Bytes of one value that are shown.
    static let limit = 1024

    /// A value within a message.
    static func text(_ value: Range<Int>, of message: Span<UInt8>, type: UInt32, format: PostgresFormat) -> String {
        let shown = value.prefix(limit)
        return text(message.extracting(shown), total: value.count, type: type, format: format)
    }

    /// `bytes` may be the value's beginning only; `total` is its whole length.
    static func text(_ bytes: Span<UInt8>, total: Int, type: UInt32, format: PostgresFormat) -> String {
        let left = total - bytes.count
        if format == .text {
            let text = DisplayText.decode(bytes, limit: limit)
            return left > 0 ? text + "… (\(left) bytes more)" : text
        }
        if left == 0, let text = binary(bytes, type) { return text }
        return hex(bytes, total: total)
    }

    private static func hex(_ bytes: Span<UInt8>, total: Int) -> String {
        let shown = min(bytes.count, limit / 2)
        let text = "\\x" + Hex.encode([UInt8](copying: bytes.extracting(0..<shown)))
        return shown < total ? text + "… (\(total - shown) bytes more)" : text
    }

    /// char, name, text, json, xml, unknown, bpchar, varchar: the same bytes in both formats.
    static func isText(_ type: UInt32) -> Bool {
        switch type {
        case 18, 19, 25, 114, 142, 705, 1042, 1043: true
        default: false
        }
    }

    /// `nil` where the type is not known here, or the bytes do not fit it.
    private static func binary(_ bytes: Span<UInt8>, _ type: UInt32) -> String? {
        switch (type, bytes.count) {
        case (16, 1): bytes[0] == 0 ? "f" : "t"
        case (20, 8): bytes.uint64BE(at: 0).map { String(Int64(bitPattern: $0)) }
        case (21, 2): bytes.uint16BE(at: 0).map { String(Int16(bitPattern: $0)) }
        case (23, 4): bytes.uint32BE(at: 0).map { String(Int32(bitPattern: $0)) }
        case (26, 4): bytes.uint32BE(at: 0).map { String($0) }
        case (700, 4): bytes.uint32BE(at: 0).map { String(Float(bitPattern: $0)) }
        case (701, 8): bytes.uint64BE(at: 0).map { String(Double(bitPattern: $0)) }
        case (2950, 16): uuid(bytes)
        case (1082, 4): bytes.uint32BE(at: 0).flatMap { date(Int32(bitPattern: $0)) }
        case (1114, 8): bytes.uint64BE(at: 0).flatMap { timestamp(Int64(bitPattern: $0), zone: "") }
        case (1184, 8): bytes.uint64BE(at: 0).flatMap { timestamp(Int64(bitPattern: $0), zone: "+00") }
        case (1700, 8...): numeric(bytes)
        case (let type, _) where isText(type): DisplayText.decode(bytes, limit: limit)
        // jsonb: a version byte in front.
        case (3802, 1...) where bytes[0] == 1: DisplayText.decode(bytes.extracting(1...), limit: limit)
        default: array(bytes)
        }
    }

    private static func uuid(_ bytes: Span<UInt8>) -> String {
        let text = Hex.encode([UInt8](copying: bytes))
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    /// Seconds from 1970 to Postgres' epoch, 2000-01-01.
    private static let epoch: Int64 = 946_684_800

    private static func date(_ days: Int32) -> String? {
        if days == .max { return "infinity" }
        if days == .min { return "-infinity" }
        return wall(seconds: Int64(days) * 86_400 + epoch, nanoseconds: 0)?.day8601
    }

    private static func timestamp(_ microseconds: Int64, zone: String) -> String? {
        if microseconds == .max { return "infinity" }
        if microseconds == .min { return "-infinity" }
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard let date = wall(seconds: seconds + epoch, nanoseconds: rest * 1000) else { return nil }
        return "\(date.day8601) \(date.time8601)\(zone)"
    }

    /// `nil` beyond what nanoseconds since 1970 can count.
    private static func wall(seconds: Int64, nanoseconds: Int64) -> UTCDate? {
        let (whole, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isFarther) = whole.addingReportingOverflow(nanoseconds)
        return isTooFar || isFarther ? nil : UTCDate(wallNanoseconds: sum)
    }

    /// Digits to the base of 10,000 (`numeric_send`).
    private static func numeric(_ bytes: Span<UInt8>) -> String? {
        guard let count = bytes.uint16BE(at: 0), let weightBits = bytes.uint16BE(at: 2),
            let sign = bytes.uint16BE(at: 4), let scale = bytes.uint16BE(at: 6),
            bytes.count == 8 + 2 * Int(count)
        else { return nil }
        switch sign {
        case 0xc000: return "NaN"
        case 0xd000: return "Infinity"
        case 0xf000: return "-Infinity"
        default: break
        }
        let weight = Int(Int16(bitPattern: weightBits))
        guard weight <= limit / 4, scale <= limit else { return nil }
        func digits(_ place: Int) -> String {
            let value = place >= 0 && place < Int(count) ? bytes.uint16BE(at: 8 + 2 * place) ?? 0 : 0
            return String(String(Int(value) + 10_000).dropFirst())
        }
        var whole = ""
        for place in 0..<max(0, weight + 1) { whole += digits(place) }
        let trimmed = whole.drop { $0 == "0" }
        var text = (sign == 0x4000 ? "-" : "") + (trimmed.isEmpty ? "0" : trimmed)
        guard scale > 0 else { return text }
        var fraction = ""
        var place = weight + 1
        while fraction.utf8.count < Int(scale) {
            fraction += digits(place)
            place += 1
        }
        text += "." + fraction.prefix(Int(scale))
        return text
    }

    /// One-dimensional arrays of known types (`array_send`): "{1,2,NULL}". Others stay hex.
    private static func array(_ bytes: Span<UInt8>) -> String? {
        guard bytes.count >= 12, let dimensions = bytes.uint32BE(at: 0), dimensions <= 1,
            let flags = bytes.uint32BE(at: 4), flags <= 1, let element = bytes.uint32BE(at: 8), element != 0
        else { return nil }
        guard dimensions == 1 else { return bytes.count == 12 ? "{}" : nil }
        guard let count = bytes.uint32BE(at: 12), Int(count) <= bytes.count / 4 else { return nil }
        var elements: [String] = []
        var offset = 20
        for _ in 0..<count {
            guard let length = bytes.uint32BE(at: offset) else { return nil }
            offset += 4
            if length == .max {
                elements.append("NULL")
                continue
            }
            guard Int(length) <= bytes.count - offset,
                let text = binary(bytes.extracting(offset..<offset + Int(length)), element)
            else { return nil }
            elements.append(quoted(text))
            offset += Int(length)
        }
        return offset == bytes.count ? "{\(elements.joined(separator: ","))}" : nil
    }

    /// Whether an element that holds it needs quotes (manual §8.15.6).
    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
            UInt8(ascii: " "):
            true
        default: false
        }
    }

    private static func quoted(_ element: String) -> String {
        guard element.isEmpty || element.utf8.contains(where: isSpecial) else { return element }
        var text = "\""
        for character in element {
            if character == "\"" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return text + "\""
    }
}
