import Protocols

/// Puts the shards' prints in order: by the packets that they were told by, or flow by flow.
struct DecodePrinter {
    /// What flows that go on may pile up; beyond, the one that began first is told as far as it has gone.
    private static let pileMaximum = 64 << 20

    var output: [UInt8] = []
    private let groupsFlows: Bool
    private var piles: [UInt64: [UInt8]] = [:]
    private var piledCount = 0

    init(groupsFlows: Bool) { self.groupsFlows = groupsFlows }

    mutating func print(_ outputs: [DecodeOutput]) {
        var next = [Int](repeating: 0, count: outputs.count)
        while let shard = first(of: outputs, at: next) {
            let output = outputs[shard]
            print(output.parts[next[shard]], of: output.bytes.span)
            next[shard] += 1
        }
    }

    /// Hands over what is printed. False when no more is wanted.
    mutating func flush(_ write: (Span<UInt8>) -> Bool) -> Bool {
        defer { output.removeAll(keepingCapacity: true) }
        return output.isEmpty || write(output.span)
    }

    /// The shard whose next part comes before all others'; `nil` when there is none.
    private func first(of outputs: [DecodeOutput], at places: [Int]) -> Int? {
        var first: Int?
        var least: (UInt64, UInt64) = (.max, .max)
        for shard in outputs.indices where places[shard] < outputs[shard].parts.count {
            let part = outputs[shard].parts[places[shard]]
            guard first == nil || (part.packet, part.flow) < least else { continue }
            (first, least) = (shard, (part.packet, part.flow))
        }
        return first
    }

    private mutating func print(_ part: DecodePart, of all: Span<UInt8>) {
        let bytes = all.extracting(part.range)
        guard groupsFlows else { return output.append(bytes) }
        piles[part.flow, default: []].append(bytes)
        piledCount += bytes.count
        if part.isLast { tell(part.flow) }
        while piledCount > Self.pileMaximum, let first = piles.keys.min() { tell(first) }
    }

    private mutating func tell(_ flow: UInt64) {
        guard let pile = piles.removeValue(forKey: flow) else { return }
        piledCount -= pile.count
        output += pile
    }
}
