/// A JSON value (RFC 8259), as recordings, ledgers and exports keep it.
///
/// Objects have no order: they are written with sorted keys, so that equal values have equal bytes.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Counts above 2⁶³−1 do not occur in practice; they are written as that bound.
    public static func unsigned(_ value: UInt64) -> JSON { .integer(Int64(clamping: value)) }

    /// Bytes as base64 text.
    public static func bytes(_ value: [UInt8]) -> JSON { .string(Base64.encode(value.span)) }

    /// The member of an object; `nil` when there is none, or this is no object.
    public subscript(_ key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    public var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    public var unsigned: UInt64? { integer.flatMap { UInt64(exactly: $0) } }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var array: [JSON]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    /// Base64 text as bytes; `nil` when it is neither.
    public var bytes: [UInt8]? { string.flatMap { Base64.decode($0) } }

    public var strings: [String: String]? {
        guard case .object(let members) = self else { return nil }
        let texts = members.compactMapValues(\.string)
        return texts.count == members.count ? texts : nil
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// Why a text is not the JSON that we accept, and at which byte.
public struct JSONFault: Error, Sendable, Equatable, CustomStringConvertible {
    public var offset: Int
    public var reason: StaticString

    public init(_ reason: StaticString, at offset: Int) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "not valid JSON at byte \(offset): \(reason)" }

    public static func == (left: JSONFault, right: JSONFault) -> Bool {
        left.offset == right.offset && left.reason.description == right.reason.description
    }
}
