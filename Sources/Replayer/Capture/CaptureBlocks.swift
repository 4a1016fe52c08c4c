import Protocols

/// Some of a capture, and the packets of each shard's flows in it.
struct CaptureBlock: Sendable {
    /// As captured, and behind it what was put together from fragments.
    var bytes: [UInt8] = []
    var packets: [FlowPackets]

    /// Those that it has packets for.
    var shards: [Int] { packets.indices.filter { !packets[$0].packets.isEmpty } }

    /// Keeps the memory for the next one.
    fileprivate mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        for shard in packets.indices { packets[shard].clear() }
    }
}

/// Reads a capture block by block. Packets never span blocks.
struct CaptureBlocks {
    /// What is read at a time: enough to keep all shards busy, little enough to stay in a cache.
    private static let readCount = 1 << 19

    let source: CaptureSource
    /// Why the capture could not be read to its end; known once the blocks have come to it.
    private(set) var failure: CaptureFailure?
    private var sorter: PacketSorter
    private let shards: Int
    /// The start of what is not sorted yet, and where in the capture it stands.
    private var rest: [UInt8] = []
    private var offset: UInt64 = 0
    private var hasEnded = false
    /// Blocks that are done with.
    private var spare: [CaptureBlock] = []

    var counts: CaptureCounts { sorter.counts }

    init(_ source: CaptureSource, shards: Int, _ limits: CaptureLimits) {
        self.source = source
        self.shards = shards
        sorter = PacketSorter(shards: shards, limits)
    }

    /// The next packets; `nil` at the end, whatever the cause.
    mutating func next() -> CaptureBlock? {
        while !hasEnded {
            var block = spare.popLast() ?? CaptureBlock(packets: Array(repeating: FlowPackets(), count: shards))
            var bytes = exchange(&block.bytes, with: [])
            bytes += exchange(&rest, with: [])
            fill(&bytes)
            var assembled: [UInt8] = []
            let (consumed, fault) = sorter.sort(bytes.span, into: &block.packets, assembled: &assembled)
            offset += UInt64(consumed)
            if let fault { end(.format(path: source.path, fault.rebased(by: offset - UInt64(consumed)))) }
            rest = [UInt8](copying: bytes.span.extracting(consumed...))
            if hasEnded, failure == nil, !rest.isEmpty || offset == 0 { failure = cutOff }
            bytes += assembled
            block.bytes = bytes
            if !block.shards.isEmpty { return block }
            reuse(block)
        }
        return nil
    }

    /// Takes back a block that nobody needs any more: fresh memory costs more than what is read into it.
    mutating func reuse(_ block: consuming CaptureBlock) {
        block.clear()
        spare.append(block)
    }

    private mutating func fill(_ bytes: inout [UInt8]) {
        do throws(CaptureFailure) {
            if try !source.read(Self.readCount, appendingTo: &bytes) { hasEnded = true }
        } catch { end(error) }
    }

    private mutating func end(_ failure: CaptureFailure) {
        self.failure = failure
        hasEnded = true
    }

    private var cutOff: CaptureFailure {
        let fault = CaptureFault(.truncated, offset == 0 ? "is empty" : "ends within a packet")
        return .format(path: source.path, fault.rebased(by: offset))
    }
}
