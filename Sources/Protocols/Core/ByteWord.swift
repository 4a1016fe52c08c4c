/// Eight bytes of a text, looked at in a few instructions instead of one by one.
///
/// In each answer the highest bit of the first byte that fits is set, and of none before it: bits behind it may mislead.
/// Bytes stand as in memory on a little-endian machine, the first one lowest.
struct ByteWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    fileprivate var bytes: UInt64

    @inline(__always) func isAbove(_ bound: UInt8) -> UInt64 {
        ((bytes & ~Self.highBits) &+ Self.ones &* UInt64(0x7f - bound) | bytes) & Self.highBits
    }

    @inline(__always) func isBelow(_ bound: UInt8) -> UInt64 {
        (bytes &- Self.ones &* UInt64(bound)) & ~bytes & Self.highBits
    }

    @inline(__always) func isEqual(to byte: UInt8) -> UInt64 {
        ByteWord(bytes: bytes ^ (Self.ones &* UInt64(byte))).isBelow(1)
    }
}

extension Span<UInt8> {
    /// The index of the first byte at or after `start` that fits; its end when there is none.
    ///
    /// - Parameter fits: says of which bytes it is true, by their highest bits.
    @inline(__always)
    func firstIndex(from start: Int = 0, where fits: (ByteWord) -> UInt64) -> Int {
        var index = start
        while index <= count &- 8 {
            let found = fits(ByteWord(bytes: word(at: index)))
            if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
            index &+= 8
        }
        guard index < count else { return count }
        return min(index &+ fits(rest(from: index)).trailingZeroBitCount / 8, count)
    }

    /// The last bytes, fewer than eight, with zeros behind them.
    @inline(__always)
    private func rest(from start: Int) -> ByteWord {
        if count >= 8 { return ByteWord(bytes: word(at: count &- 8) &>> UInt64(8 &* (start &- count &+ 8))) }
        var bytes: UInt64 = 0
        var index = count
        while index > start {
            index &-= 1
            bytes = bytes &<< 8 | UInt64(self[index])
        }
        return ByteWord(bytes: bytes)
    }
}
