import Protocols

/// What one direction has passed on and its receiver has not acknowledged, to compare retransmissions with.
///
/// Most of it is acknowledged before the block is over that it came in. Until then it is not copied: only its places are known.
struct TCPHistory: Sendable {
    /// Bytes that were passed on together.
    struct Part: Sendable {
        /// `nil` where they lie in the block.
        fileprivate var bytes: [UInt8]?
        fileprivate var range: Range<Int>

        var count: Int { range.count }

        static func inBlock(_ range: Range<Int>) -> Part { Part(bytes: nil, range: range) }

        static func apart(_ bytes: [UInt8], from start: Int) -> Part { Part(bytes: bytes, range: start..<bytes.count) }
    }

    /// Room that is made for parts at first: most flows never need more.
    private static let partsExpected = 4

    /// In the order of the stream.
    private var parts: [Part] = []
    private(set) var count = 0
    /// Some of it lies in the block.
    private(set) var needsBlock = false

    @inline(__always)
    mutating func append(_ part: Part) {
        if parts.isEmpty { parts.reserveCapacity(Self.partsExpected) }
        parts.append(part)
        count += part.range.count
        if part.bytes == nil { needsBlock = true }
    }

    mutating func removeFirst(_ surplus: Int) {
        count -= surplus
        var surplus = surplus
        var gone = 0
        while gone < parts.count, parts[gone].range.count <= surplus {
            surplus -= parts[gone].range.count
            gone += 1
        }
        parts.removeFirst(gone)
        guard surplus > 0 else { return }
        parts[0].range = parts[0].range.dropFirst(surplus)
    }

    mutating func removeAll() {
        // One or two go for less this way than all at once.
        while !parts.isEmpty { parts.removeLast() }
        count = 0
        needsBlock = false
    }

    /// The block is over: copies what lies in it.
    mutating func leave(_ block: Span<UInt8>) {
        guard exchange(&needsBlock, with: false) else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for part in parts {
            if let own = part.bytes {
                bytes.append(own.span.extracting(part.range))
            } else {
                bytes.append(block.extracting(part.range))
            }
        }
        parts = bytes.isEmpty ? [] : [.apart(bytes, from: 0)]
    }

    /// From the first to the last byte in which `again` differs from what follows the first `start` bytes.
    func difference(from again: Span<UInt8>, at start: Int, _ block: Span<UInt8>) -> ClosedRange<Int>? {
        var found: ClosedRange<Int>?
        var offset = -start
        for part in parts {
            let common = (offset..<offset + part.range.count).clamped(to: again.indices)
            if !common.isEmpty {
                let lower = part.range.lowerBound - offset
                let place = lower + common.lowerBound..<lower + common.upperBound
                let again = again.extracting(common)
                let different =
                    if let own = part.bytes {
                        own.span.extracting(place).difference(from: again)
                    } else {
                        block.extracting(place).difference(from: again)
                    }
                if let different {
                    let end = common.lowerBound + different.upperBound
                    found = (found?.lowerBound ?? common.lowerBound + different.lowerBound)...end
                }
            }
            offset += part.range.count
        }
        return found
    }
}

extension Span<UInt8> {
    /// From the first to the last byte in which both, which are equally long, differ.
    func difference(from other: Span<UInt8>) -> ClosedRange<Int>? {
        guard let first = indices.first(where: { self[$0] != other[$0] }),
            let last = indices.last(where: { self[$0] != other[$0] })
        else { return nil }
        return first...last
    }
}
