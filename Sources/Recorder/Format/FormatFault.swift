/// What is wrong with stored bytes, and where. Never quotes content.
public struct FormatFault: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The bytes end inside something.
        case truncated
        /// A field has a value that the format does not allow.
        case malformed
        /// A checksum or hash does not fit the bytes.
        case mismatch
        /// A length is above the format's bound.
        case limitExceeded
        /// Written by a later version of the format.
        case newerVersion
    }

    public var code: Code
    /// Bytes from the start of what was read: a record, a segment, a file.
    public var offset: UInt64
    public var reason: StaticString

    @inline(never)
    public init(_ code: Code, _ reason: StaticString, at offset: Int = 0) {
        self.code = code
        self.offset = UInt64(max(0, offset))
        self.reason = reason
    }

    /// The same fault with its offset counted from `base` bytes earlier.
    public func rebased(by base: UInt64) -> FormatFault {
        var fault = self
        fault.offset &+= base
        return fault
    }

    public var description: String { "\(reason) (\(code.rawValue), byte \(offset))" }

    public static func == (left: FormatFault, right: FormatFault) -> Bool {
        left.code == right.code && left.offset == right.offset
            && left.reason.description == right.reason.description
    }
}
