/// The checksum of IP and TCP headers (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
struct InternetChecksum: Sendable {
    private var sum: UInt64 = 0

    /// Only the last part may have an odd length.
    mutating func add(_ bytes: Span<UInt8>) {
        var index = 0
        var sum = sum
        while index + 1 < bytes.count {
            sum &+= UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
            index += 2
        }
        if index < bytes.count { sum &+= UInt64(bytes[index]) << 8 }
        self.sum = sum
    }

    mutating func add(_ bytes: [UInt8]) { add(bytes.span) }

    var value: UInt16 {
        var folded = sum
        while folded > 0xffff { folded = (folded & 0xffff) + (folded >> 16) }
        return ~UInt16(folded)
    }
}
