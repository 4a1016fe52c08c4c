/// Which packets brought which bytes of one direction.
///
/// Runs of packets stand for single ones where there are too many to keep: what is told is then never too narrow.
struct PacketMap: Sendable {
    private struct Run: Sendable {
        var offset: UInt64
        var end: UInt64
        var first: UInt64
        var last: UInt64
    }

    private static let runsMaximum = 4096
    /// Room that is made for them at first: short flows never need more.
    private static let runsExpected = 8

    private var runs: [Run] = []
    private(set) var end: UInt64 = 0
    /// Somebody will ask. If not, only the bytes are counted.
    private let isAsked: Bool

    init(isAsked: Bool) { self.isAsked = isAsked }

    @inline(__always)
    mutating func append(_ count: Int, packet: UInt64) {
        let start = end
        end += UInt64(count)
        guard isAsked else { return }
        if runs.isEmpty { runs.reserveCapacity(Self.runsExpected) }
        if runs.count >= Self.runsMaximum { thin() }
        runs.append(Run(offset: start, end: end, first: packet, last: packet))
    }

    mutating func skip(_ length: UInt64) { end += length }

    /// The packets that brought the first and the last byte of the range; `nil` where none is known to have. Bytes before the range
    /// will not be asked for any more.
    mutating func take(_ range: Range<UInt64>) -> ClosedRange<UInt64>? {
        defer { forget(before: range.lowerBound) }
        guard !range.isEmpty, let first = run(at: range.lowerBound), let last = run(at: range.upperBound - 1) else {
            return nil
        }
        return min(first.first, last.first)...max(first.last, last.last)
    }

    private mutating func forget(before offset: UInt64) {
        guard let index = index(at: offset), index > runs.count / 2 else { return }
        runs.removeFirst(index)
    }

    private func run(at offset: UInt64) -> Run? {
        index(at: offset).flatMap { runs[$0].end > offset ? runs[$0] : nil }
    }

    private func index(at offset: UInt64) -> Int? {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    private mutating func thin() {
        var thinned: [Run] = []
        thinned.reserveCapacity(Self.runsMaximum)
        for pair in stride(from: 0, to: runs.count, by: 2) {
            let other = runs[min(pair + 1, runs.count - 1)]
            thinned.append(
                Run(
                    offset: runs[pair].offset, end: other.end, first: min(runs[pair].first, other.first),
                    last: max(runs[pair].last, other.last)))
        }
        runs = thinned
    }
}
