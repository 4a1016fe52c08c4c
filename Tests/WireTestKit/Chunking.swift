/// A way to cut bytes into the pieces in which they arrive. Every way must yield the same messages.
public enum Chunking: Sendable, Hashable, CustomStringConvertible {
    case whole
    case halves
    case byteByByte
    /// Pieces of 1 to 16 bytes; the seed stands in the name of the test case.
    case random(seed: UInt64)

    /// One of each, and three random ones that differ in each run.
    public static var all: [Chunking] {
        [.whole, .halves, .byteByByte] + (0..<3).map { _ in .random(seed: .random(in: 0 ... .max)) }
    }

    public var description: String {
        switch self {
        case .whole: "whole"
        case .halves: "halves"
        case .byteByByte: "byte by byte"
        case .random(let seed): "random with seed \(seed)"
        }
    }

    /// The ranges of the pieces, in order; together they are `0..<count`.
    public func pieces(of count: Int) -> [Range<Int>] {
        var generator = SplitMix64(seed: seed)
        var pieces: [Range<Int>] = []
        var start = 0
        while start < count {
            let length =
                switch self {
                case .whole: count
                case .halves: max(1, (count + 1) / 2)
                case .byteByByte: 1
                case .random: Int.random(in: 1...16, using: &generator)
                }
            let end = min(count, start + length)
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }

    private var seed: UInt64 {
        if case .random(let seed) = self { seed } else { 0 }
    }
}

/// A small generator whose numbers follow from its seed (Steele, Lea and Flood, 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
