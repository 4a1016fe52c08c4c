import Protocols

/// Reads names and values from a query or a form (application/x-www-form-urlencoded, WHATWG URL §5.1).
enum HARParameters {
    private static let maximum = 10_000

    /// What follows the first "?" of a target, up to a "#".
    static func ofTarget(_ target: Span<UInt8>) -> JSON {
        var start = 0
        while start < target.count, target[start] != UInt8(ascii: "?") { start += 1 }
        var end = start
        while end < target.count, target[end] != UInt8(ascii: "#") { end += 1 }
        return .array(start < end ? pairs(target.extracting(start + 1..<end)) : [])
    }

    static func ofForm(_ form: Span<UInt8>) -> JSON { .array(pairs(form)) }

    private static func pairs(_ bytes: Span<UInt8>) -> [JSON] {
        var pairs: [JSON] = []
        var position = 0
        while position < bytes.count, pairs.count < maximum {
            var end = position
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") { end += 1 }
            var equals = position
            while equals < end, bytes[equals] != UInt8(ascii: "=") { equals += 1 }
            if position < end {
                let name = decoded(bytes.extracting(position..<equals))
                let value = decoded(bytes.extracting(min(equals + 1, end)..<end))
                pairs.append(.object(["name": .string(name), "value": .string(value)]))
            }
            position = end + 1
        }
        return pairs
    }

    /// Percent-decoded, "+" as a space; as it was written where the result is no UTF-8.
    private static func decoded(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let octet = hex(bytes[index + 1], bytes[index + 2])
            {
                output.append(octet)
                index += 3
            } else {
                output.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(validating: output, as: UTF8.self) ?? DisplayText.decode(bytes)
    }

    private static func hex(_ high: UInt8, _ low: UInt8) -> UInt8? {
        Hex.decode(String(decoding: [high, low], as: UTF8.self))?.first
    }
}
