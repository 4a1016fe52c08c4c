import Protocols

/// The name of one recording: a UUID of version 7 (RFC 9562 §5.7), so that names sort by time.
public struct RecordingID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public static let byteCount = 16

    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameters:
    ///   - wallNanoseconds: since 1970; kept to the millisecond.
    ///   - random: at least 10 bytes.
    public init(wallNanoseconds: Int64, random: [UInt8]) {
        precondition(random.count >= 10, "a recording's name takes 74 random bits")
        let milliseconds = UInt64(clamping: wallNanoseconds / 1_000_000) & 0xffff_ffff_ffff
        let randomA = UInt64(random[0] & 0x0f) << 8 | UInt64(random[1])
        let randomB = random[2..<10].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(high: milliseconds << 16 | 0x7000 | randomA, low: 1 << 63 | randomB & (1 << 62 - 1))
    }

    /// The 16 bytes at `offset`, in the order in which they are written as text.
    public init?(_ bytes: Span<UInt8>, at offset: Int = 0) {
        guard let high = bytes.uint64BE(at: offset), let low = bytes.uint64BE(at: offset + 8) else { return nil }
        self.init(high: high, low: low)
    }

    /// `nil` unless the text is a UUID with its four hyphens.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hex.decode(parts.joined()) else { return nil }
        self.init(bytes.span)
    }

    public func write(into output: inout [UInt8]) {
        output.appendBE(high)
        output.appendBE(low)
    }

    /// When the recording began, in milliseconds since 1970.
    public var milliseconds: UInt64 { high >> 16 }

    public var description: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        var text = Array(Hex.encode(bytes).utf8)
        for place in [20, 16, 12, 8] { text.insert(UInt8(ascii: "-"), at: place) }
        return String(decoding: text, as: UTF8.self)
    }

    public static func < (left: RecordingID, right: RecordingID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
