import Protocols

/// Something to print, and where in the order of all lanes' prints it stands.
struct DecodePart: Sendable {
    /// The packet that it was told by; the largest number at the capture's end.
    var packet: UInt64
    var flow: UInt64
    /// In the bytes beside it.
    var range: Range<Int>
    /// Nothing more of the flow comes.
    var isLast: Bool
}

/// What one lane made of one block, or of the capture's end.
struct DecodeOutput: Sendable {
    var parts: [DecodePart] = []
    var bytes: [UInt8] = []
}

/// Blocks go in, and what a desk on a task of its own makes of them comes out, in the same order.
struct DecodeLane {
    private let blocks: AsyncStream<CaptureBlock>.Continuation
    private var outputs: AsyncStream<DecodeOutput>.Iterator

    /// - Parameters:
    ///   - shard: whose packets the desk gets.
    ///   - group: ends when all blocks were taken; whoever cancels it ends the lane at once.
    init(shard: Int, _ desk: @escaping @Sendable () -> DecodeDesk, in group: inout TaskGroup<Void>) {
        let (blocks, feed) = AsyncStream.makeStream(of: CaptureBlock.self)
        let (outputs, told) = AsyncStream.makeStream(of: DecodeOutput.self)
        group.addTask {
            var desk = desk()
            for await block in blocks { told.yield(desk.take(consume block, shard: shard)) }
            told.yield(desk.finish())
        }
        self.blocks = feed
        self.outputs = outputs.makeAsyncIterator()
    }

    func put(_ block: CaptureBlock) { blocks.yield(block) }

    /// The capture has ended, and with it all flows: one more output comes.
    func finish() { blocks.finish() }

    /// What was made of the first block whose output was not waited for.
    mutating func next() async -> DecodeOutput { await outputs.next(isolation: #isolation) ?? DecodeOutput() }
}
