/// HPACK's Huffman code (RFC 7541 §5.2, appendix B).
///
/// The code is canonical: codes of one length are consecutive numbers in the order of their symbols. So the lengths of
/// the codes are all there is to know.
enum HPACKHuffman {
    /// The lengths in bits of the codes of 0 to 255.
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    ]

    /// EOS is 30 bits of ones, the last code.
    private static let longest = 30
    /// The number of leading bits that a lookup takes: two codes of letters and digits.
    private static let lookupBits = 14

    /// What stands at the beginning of some bits: one or two symbols.
    private struct Entry {
        var first: UInt8 = 0
        var second: UInt8 = 0
        var symbols: UInt8 = 0
        /// Bits of their codes; more than there ever are where the first code is longer than a lookup.
        var length: UInt8 = .max
    }

    private struct Tables: Sendable {
        var codes = [UInt32](repeating: 0, count: 256)
        /// Symbols by code.
        var symbols: [UInt8] = []
        /// By length: the first code, left-aligned in 32 bits, that is longer; where its symbols begin; its first code.
        var limits = [UInt64](repeating: 0, count: longest + 1)
        var starts = [Int](repeating: 0, count: longest + 1)
        var firsts = [UInt32](repeating: 0, count: longest + 1)
        /// By the next bits.
        var lookup = [Entry](repeating: Entry(), count: 1 << lookupBits)

        init() {
            var code: UInt32 = 0
            for length in 1...longest {
                firsts[length] = code
                starts[length] = symbols.count
                for symbol in 0..<256 where Int(lengths[symbol]) == length {
                    codes[symbol] = code
                    symbols.append(UInt8(symbol))
                    code += 1
                }
                limits[length] = UInt64(code) << UInt64(32 - length)
                code <<= 1
            }
            for first in 0..<256 where lengths[first] <= UInt8(lookupBits) { enter(first) }
        }

        /// All that begins with a symbol's code: two symbols where another whole code fits behind it.
        private mutating func enter(_ first: Int) {
            let length = Int(lengths[first])
            enter(codes[first], length, Entry(first: UInt8(first), symbols: 1, length: UInt8(length)))
            for second in 0..<256 where length + Int(lengths[second]) <= lookupBits {
                let both = length + Int(lengths[second])
                let code = codes[first] << UInt32(lengths[second]) | codes[second]
                enter(
                    code, both, Entry(first: UInt8(first), second: UInt8(second), symbols: 2, length: UInt8(both)))
            }
        }

        private mutating func enter(_ code: UInt32, _ length: Int, _ entry: Entry) {
            let begin = Int(code) << (lookupBits - length)
            for index in begin..<begin + 1 << (lookupBits - length) { lookup[index] = entry }
        }
    }

    private static let tables = Tables()

    /// The shortest code.
    private static let shortest = 5

    /// Appends the decoded bytes.
    static func decode(_ bytes: Span<UInt8>, to output: inout [UInt8]) throws(HPACKFault) {
        // Two symbols are written at a time, whether there are two or not.
        let most = bytes.count * 8 / shortest + 2
        try output.append(addingCapacity: most) { (output) throws(HPACKFault) in
            output.append(repeating: 0, count: most)
            var decoded = output.mutableSpan
            let count = try decode(bytes, tables, to: &decoded)
            output.removeLast(most - count)
        }
    }

    /// Returns the number of bytes.
    private static func decode(
        _ bytes: Span<UInt8>, _ tables: borrowing Tables, to output: inout MutableSpan<UInt8>
    ) throws(HPACKFault) -> Int {
        let lookup = tables.lookup.span
        var bits: UInt64 = 0
        var count = 0
        var index = 0
        var end = 0
        while true {
            if count < 32 { refill(&bits, &count, bytes, &index) }
            let entry = lookup[Int(truncatingIfNeeded: bits &>> UInt64(64 - lookupBits))]
            if entry.length <= count {
                output[end] = entry.first
                output[end &+ 1] = entry.second
                end &+= Int(entry.symbols)
                bits &<<= UInt64(entry.length)
                count &-= Int(entry.length)
                continue
            }
            // Fewer than eight bits of ones fill the last byte.
            if count < 8, bits == ~0 << UInt64(64 - count) { return end }
            guard let (length, symbol) = symbol(bits, count, tables) else { throw .huffman }
            output[end] = symbol
            end &+= 1
            bits &<<= UInt64(length)
            count &-= length
        }
    }

    /// As many bits as the longest code has, if they are there.
    @inline(__always)
    private static func refill(_ bits: inout UInt64, _ count: inout Int, _ bytes: Span<UInt8>, _ index: inout Int) {
        if let word = bytes.uint32BE(at: index) {
            bits |= UInt64(word) &<< UInt64(32 - count)
            count += 32
            index += 4
            return
        }
        while index < bytes.count {
            bits |= UInt64(bytes[index]) &<< UInt64(56 - count)
            count += 8
            index += 1
        }
    }

    /// The first symbol, however long its code; `nil` when there is none, or not enough bits. Out of the way of the loop, where it is
    /// needed once for many symbols.
    @inline(never)
    private static func symbol(
        _ bits: UInt64, _ count: Int, _ tables: borrowing Tables
    ) -> (length: Int, symbol: UInt8)? {
        let top = bits >> 32
        for length in shortest...longest where top < tables.limits[length] {
            guard length <= count else { return nil }
            let rank = Int(UInt32(top >> UInt64(32 - length)) - tables.firsts[length])
            let place = tables.starts[length] + rank
            return place < tables.symbols.count ? (length, tables.symbols[place]) : nil
        }
        return nil
    }

    /// Appends the encoded bytes, the last one filled with ones.
    static func encode(_ bytes: [UInt8], appendingTo output: inout [UInt8]) {
        let tables = tables
        var bits: UInt64 = 0
        var count = 0
        for byte in bytes {
            let length = Int(lengths[Int(byte)])
            bits = bits << UInt64(length) | UInt64(tables.codes[Int(byte)])
            count += length
            while count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt64(count)))
            }
        }
        if count > 0 {
            output.append(UInt8(truncatingIfNeeded: bits << UInt64(8 - count)) | UInt8(1 << (8 - count) - 1))
        }
    }

    /// How many bytes ``encode(_:appendingTo:)`` makes.
    static func encodedCount(_ bytes: [UInt8]) -> Int { (bits(bytes[...]) + 7) / 8 }

    /// How many bits their codes have.
    static func bits(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 + Int(lengths[Int($1)]) } }
}
