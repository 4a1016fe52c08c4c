import Protocols

/// The LZ4 frames of a recording (LZ4 Frame Format 1.6.2): independent blocks of at most 256 KiB, no checksums, no
/// content size. `lz4 -dc` reads them; what guards them is our own CRC and hash.
///
/// Every block's length has the top bit set when its bytes stand as they are.
enum LZ4Frame {
    /// Magic, FLG (version 01, independent blocks), BD (256 KiB), and the descriptor's checksum of just these two.
    static let descriptor: [UInt8] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x50, 0xfb]
    static let blockMaximum = 256 << 10
    private static let storedFlag: UInt32 = 1 << 31

    /// The longest frame that `raw` bytes can make.
    static func byteCountMaximum(raw: Int) -> Int {
        descriptor.count + raw + 4 * ((raw + blockMaximum - 1) / blockMaximum) + 4
    }

    /// Appends `raw` as one frame.
    static func write<Codec: BlockCodec & ~Copyable>(
        _ raw: Span<UInt8>, codec: inout Codec, into output: inout [UInt8]
    ) {
        output.append(contentsOf: descriptor)
        var start = 0
        while start < raw.count {
            let block = raw.extracting(start..<min(raw.count, start + blockMaximum))
            let field = output.count
            output.appendLE(UInt32(0))
            // One byte less than the block: what does not shrink is stored as it is.
            if let count = codec.compress(block, limit: block.count - 1, appendingTo: &output) {
                output.replaceLE(UInt32(count), at: field)
            } else {
                output.replaceLE(UInt32(block.count) | storedFlag, at: field)
                output.append(block)
            }
            start += block.count
        }
        output.appendLE(UInt32(0))
    }

    /// Appends the `rawCount` bytes of one frame, which must hold exactly these and fill `frame`.
    static func read<Codec: BlockCodec & ~Copyable>(
        _ frame: Span<UInt8>, rawCount: Int, codec: inout Codec, into raw: inout [UInt8]
    ) throws(FormatFault) {
        for (index, byte) in descriptor.enumerated() where index >= frame.count || frame[index] != byte {
            throw FormatFault(.malformed, "a segment's LZ4 frame has another descriptor", at: index)
        }
        var from = descriptor.count
        var left = rawCount
        while true {
            guard let field = frame.uint32LE(at: from) else {
                throw FormatFault(.truncated, "an LZ4 block is cut off", at: from)
            }
            from += 4
            if field == 0 { break }
            let count = Int(field & ~storedFlag)
            guard count <= blockMaximum, count <= frame.count - from else {
                throw FormatFault(.malformed, "an LZ4 block is too long", at: from - 4)
            }
            let block = frame.extracting(from..<from + count)
            let isStored = field & storedFlag != 0
            guard let written = append(block, isStored: isStored, limit: min(left, blockMaximum), &codec, &raw) else {
                throw FormatFault(.malformed, "an LZ4 block does not decompress", at: from - 4)
            }
            from += count
            left -= written
        }
        guard left == 0 else { throw FormatFault(.malformed, "a segment has another raw size than it says", at: from) }
        guard from == frame.count else {
            throw FormatFault(.malformed, "something follows a segment's LZ4 frame", at: from)
        }
    }

    private static func append<Codec: BlockCodec & ~Copyable>(
        _ block: Span<UInt8>, isStored: Bool, limit: Int, _ codec: inout Codec, _ raw: inout [UInt8]
    ) -> Int? {
        guard isStored else { return codec.decompress(block, limit: limit, appendingTo: &raw) }
        guard block.count <= limit else { return nil }
        raw.append(block)
        return block.count
    }
}
