import Adapters
import Glibc
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
}

/// Tells what a capture's flows said: `wiretrail decode`.
///
/// One thread sorts packets, all others follow flows. What is written does not depend on how many there are.
public struct CaptureDecoder: Sendable {
    public var filter = DecodeFilter()
    public var context: FlowContext
    public var format: DecodeFormat { didSet { context.selection = format.selection } }
    /// How many flows are followed at a time, each on a thread of its own.
    public var shards = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    /// Gets how many of how many bytes of the file are read; the second is `nil` where nobody knows.
    public var progress: @Sendable (UInt64, UInt64?) -> Void = { _, _ in }

    public init(format: DecodeFormat) {
        self.format = format
        context = FlowContext(protocols: ProtocolRegistry.all)
        context.selection = format.selection
    }

    /// Reads the file, or standard input where it is "-". `write` gets some whole lines at a time; it returns false to stop.
    ///
    /// - Returns: why the capture could not be read to its end; what came before was told.
    public func run(_ path: String, write: (Span<UInt8>) -> Bool) async throws(CaptureFailure) -> CaptureFailure? {
        let source = try CaptureSource(path)
        let renderer = format.renderer
        var blocks = CaptureBlocks(source, shards: shards, context.limits)
        let followers = (0..<shards).map { _ in DecodeShard(DecodeDesk(context, filter, renderer, shards: shards)) }
        var printer = DecodePrinter(groupsFlows: renderer.groupsFlows)
        renderer.heading(source.name, into: &printer.output)
        var wantsMore = printer.flush(write)
        var next = blocks.next()
        while wantsMore, let block = exchange(&next, with: nil) {
            progress(source.position, source.size)
            let outputs: [DecodeOutput]
            (outputs, next) = await Self.take(block, followers, &blocks)
            printer.print(outputs)
            wantsMore = printer.flush(write)
            blocks.reuse(block)
        }
        guard wantsMore else { return nil }
        var last: [DecodeOutput] = []
        for follower in followers { last.append(await follower.finish()) }
        printer.print(last)
        renderer.ending(blocks.counts, blocks.failure, into: &printer.output)
        _ = printer.flush(write)
        return blocks.failure
    }

    /// Has all followers take the block, and reads the next one meanwhile.
    ///
    /// Nobody holds the block when this is over, so that its memory can be used again.
    private static func take(
        _ block: CaptureBlock, _ followers: [DecodeShard], _ blocks: inout CaptureBlocks
    ) async -> (outputs: [DecodeOutput], next: CaptureBlock?) {
        async let outputs = take(block, followers)
        let next = blocks.next()
        return (await outputs, next)
    }

    private static func take(_ block: CaptureBlock, _ followers: [DecodeShard]) async -> [DecodeOutput] {
        await withTaskGroup(of: (Int, DecodeOutput).self) { group in
            for (index, follower) in followers.enumerated() where !block.packets[index].isEmpty {
                group.addTask { (index, await follower.take(block, shard: index)) }
            }
            var outputs = [DecodeOutput](repeating: DecodeOutput(), count: followers.count)
            for await (index, output) in group { outputs[index] = output }
            return outputs
        }
    }
}
