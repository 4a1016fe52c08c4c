import Adapters
import Protocols

/// The form in which what a capture held is written.
public enum DecodeFormat: Sendable, Hashable {
    case text(colours: Bool, showsRows: Bool)
    /// docs/captures.md has the schema.
    case jsonLines
    /// One event per line, with tabs between its facts.
    case fields([EventColumn])

    var renderer: any DecodeRenderer {
        switch self {
        case .text(let colours, let showsRows): TextDecode(colours: colours, showsRows: showsRows)
        case .jsonLines: JSONDecode()
        case .fields(let columns): FieldsDecode(columns: columns)
        }
    }

    /// What events are asked for.
    var selection: EventSelection {
        switch self {
        case .text, .jsonLines: .everything
        case .fields(let columns): EventSelection(fields: columns.compactMap(\.fieldName))
        }
    }

    /// Events are told with the packets that brought them.
    var tellsPackets: Bool {
        switch self {
        case .text, .jsonLines: true
        case .fields(let columns):
            columns.contains(.member(.requestPackets)) || columns.contains(.member(.responsePackets))
        }
    }
}

/// Tells what a capture's flows said: `wiretrail decode`.
///
/// One thread sorts packets, all others follow flows. What is written does not depend on how many there are.
public struct CaptureDecoder: Sendable {
    public var filter = DecodeFilter()
    public var context: FlowContext
    public var format: DecodeFormat { didSet { ask() } }
    /// How many flows are followed at a time, each on a thread of its own.
    public var shards = Processors.count
    /// Gets how many of how many bytes of the file are read; the second is `nil` where nobody knows.
    public var progress: @Sendable (UInt64, UInt64?) -> Void = { _, _ in }

    public init(format: DecodeFormat) {
        self.format = format
        context = FlowContext(protocols: ProtocolRegistry.all)
        ask()
    }

    /// Has flows find out what the format shows, and no more.
    private mutating func ask() {
        context.selection = format.selection
        context.asksPackets = format.tellsPackets
    }

    /// Blocks that are read ahead of what is printed: enough that neither reading nor any lane waits for the others.
    private static let blocksInFlight = 4

    /// Reads the file, or standard input where it is "-". `write` gets some whole lines at a time; it returns false to stop.
    ///
    /// - Returns: why the capture could not be read to its end; what came before was told.
    public func run(_ path: String, write: (Span<UInt8>) -> Bool) async throws(CaptureFailure) -> CaptureFailure? {
        let source = try CaptureSource(path)
        let renderer = format.renderer
        var blocks = CaptureBlocks(source, shards: shards, context.limits)
        var printer = DecodePrinter(groupsFlows: renderer.groupsFlows)
        renderer.heading(source.name, into: &printer.output)
        guard await follow(&blocks, renderer, &printer, write) else { return nil }
        renderer.ending(blocks.counts, blocks.failure, into: &printer.output)
        _ = printer.flush(write)
        return blocks.failure
    }

    /// Prints all flows; false when no more is wanted.
    private func follow(
        _ blocks: inout CaptureBlocks, _ renderer: any DecodeRenderer, _ printer: inout DecodePrinter,
        _ write: (Span<UInt8>) -> Bool
    ) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            var lanes = (0..<shards).map { shard in
                DecodeLane(shard: shard, { DecodeDesk(context, filter, renderer) }, in: &group)
            }
            var inFlight = Fifo<CaptureBlock>()
            while printer.flush(write) {
                while inFlight.count < Self.blocksInFlight, let block = blocks.next() {
                    progress(blocks.source.position, blocks.source.size)
                    for shard in block.shards { lanes[shard].put(block) }
                    inFlight.append(block)
                }
                guard let block = inFlight.popFirst() else {
                    for lane in lanes { lane.finish() }
                    printer.print(await Self.outputs(of: &lanes, lanes.indices))
                    return true
                }
                printer.print(await Self.outputs(of: &lanes, block.shards))
                blocks.reuse(block)
            }
            group.cancelAll()
            return false
        }
    }

    /// The next output of each of these lanes.
    private static func outputs(
        of lanes: inout [DecodeLane], _ shards: some Sequence<Int>
    ) async -> [DecodeOutput] {
        var outputs: [DecodeOutput] = []
        for shard in shards { outputs.append(await lanes[shard].next()) }
        return outputs
    }
}
