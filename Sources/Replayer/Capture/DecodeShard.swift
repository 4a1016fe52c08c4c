import Protocols

/// Something to print, and where in the order of all shards' prints it stands.
struct DecodePart: Sendable {
    /// The packet that it was told by; the largest number at the capture's end.
    var packet: UInt64
    var flow: UInt64
    /// In the bytes beside it.
    var range: Range<Int>
    /// Nothing more of the flow comes.
    var isLast: Bool
}

/// What one shard made of one block.
struct DecodeOutput: Sendable {
    var parts: [DecodePart] = []
    var bytes: [UInt8] = []
}

/// A desk that many tasks may turn to.
actor DecodeShard {
    private var desk: DecodeDesk

    init(_ desk: sending DecodeDesk) { self.desk = desk }

    /// Takes its packets of one block.
    func take(_ block: CaptureBlock, shard: Int) -> DecodeOutput { desk.take(block.packets[shard], block.bytes.span) }

    /// The capture has ended, and with it all flows.
    func finish() -> DecodeOutput { desk.finish() }
}
