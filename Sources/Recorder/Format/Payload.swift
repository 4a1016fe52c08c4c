import Protocols

/// The members of one payload, read with a fault that names what is wrong.
struct Payload {
    let object: JSON

    init(_ bytes: Span<UInt8>) throws(FormatFault) {
        do throws(JSONFault) { object = try JSON.parse(bytes) } catch {
            throw FormatFault(.malformed, "a record's payload is not JSON", at: error.offset)
        }
        guard object["v"] == 1 else { throw FormatFault(.newerVersion, "a record's payload has an unknown version") }
    }

    func string(_ key: StaticString) throws(FormatFault) -> String {
        guard let value = object[key.description]?.string else { throw Self.lacking }
        return value
    }

    func unsigned(_ key: StaticString) throws(FormatFault) -> UInt64 {
        guard let value = object[key.description]?.unsigned else { throw Self.lacking }
        return value
    }

    func bytes(_ key: StaticString) throws(FormatFault) -> [UInt8] {
        guard let value = object[key.description]?.bytes else { throw Self.lacking }
        return value
    }

    func integer(_ key: StaticString) throws(FormatFault) -> Int64 {
        guard let value = object[key.description]?.integer else { throw Self.lacking }
        return value
    }

    /// 32 bytes as 64 hexadecimal digits.
    func hash(_ key: StaticString) throws(FormatFault) -> TreeHash {
        guard let value = Hex.decode(try string(key)), value.count == 32 else { throw Self.lacking }
        return value
    }

    func recording(_ key: StaticString) throws(FormatFault) -> RecordingID {
        guard let value = RecordingID(try string(key)) else { throw Self.lacking }
        return value
    }

    func optional<Value>(
        _ key: StaticString, _ read: (StaticString) throws(FormatFault) -> Value
    ) throws(FormatFault) -> Value? {
        object[key.description] == nil ? nil : try read(key)
    }

    private static let lacking = FormatFault(.malformed, "a record's payload lacks a member, or it has another type")
}
