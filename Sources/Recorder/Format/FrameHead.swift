import Protocols

/// What every frame of ours in a `.wtr` file begins with: an LZ4 skippable frame that says who wrote it.
///
///     0  u32  0x184D2A57, an LZ4 skippable frame ("W*M\x18")
///     4  u32  bytes of the frame after this field
///     8  4    "WTRL"
///     12 u8   version, 1
///     13 u8   type; 0 is illegal
///     14 u16  flags; a reader refuses those it does not know
///     16 16   recording id
///     32 u64  number: how many leaves come before this frame
///     …       per type
///     -4 u32  CRC-32C over the frame up to here
struct FrameHead: Equatable {
    static let byteCount = 40
    static let skippableMagic: UInt32 = 0x184d_2a57
    static let signature = Array("WTRL".utf8)
    static let version: UInt8 = 1
    /// An unknown frame longer than this is not skipped but refused.
    static let frameMaximum = 16 << 20

    enum Kind: UInt8 {
        case segment = 1
        case index = 2
        case end = 3
    }

    /// `nil` for a type that this version does not know, which is then skipped; never 0.
    var kind: Kind?
    /// Of the whole frame, with its first eight bytes.
    var frameByteCount: Int
    var recording: RecordingID
    var number: UInt64

    static func write(
        _ kind: Kind, frameByteCount: Int, recording: RecordingID, number: UInt64, into output: inout [UInt8]
    ) {
        output.appendLE(skippableMagic)
        output.appendLE(UInt32(frameByteCount - 8))
        output.append(contentsOf: signature)
        output.append(version)
        output.append(kind.rawValue)
        output.appendLE(UInt16(0))
        recording.write(into: &output)
        output.appendLE(number)
    }

    static func parse(_ bytes: Span<UInt8>) throws(FormatFault) -> FrameHead {
        guard let magic = bytes.uint32LE(at: 0), let length = bytes.uint32LE(at: 4), bytes.count >= byteCount else {
            throw FormatFault(.truncated, "a frame is cut off", at: bytes.count)
        }
        guard magic == skippableMagic else { throw FormatFault(.malformed, "no frame of a recording begins here") }
        for (index, byte) in signature.enumerated() where bytes[8 + index] != byte {
            throw FormatFault(.malformed, "a frame is not a recording's", at: 8)
        }
        guard bytes[12] == version else { throw FormatFault(.newerVersion, "an unknown version of the format", at: 12) }
        guard bytes[13] != 0 else { throw FormatFault(.malformed, "a frame's type is 0", at: 13) }
        guard bytes[14] == 0, bytes[15] == 0 else {
            throw FormatFault(.newerVersion, "a frame has unknown flags", at: 14)
        }
        guard length >= byteCount - 4, length <= frameMaximum else {
            throw FormatFault(.limitExceeded, "a frame's length is impossible", at: 4)
        }
        guard let recording = RecordingID(bytes, at: 16), let number = bytes.uint64LE(at: 32) else {
            throw FormatFault(.truncated, "a frame is cut off", at: bytes.count)
        }
        return FrameHead(
            kind: Kind(rawValue: bytes[13]), frameByteCount: Int(length) + 8, recording: recording, number: number)
    }

    /// Appends the CRC that ends every frame; `start` is where the frame begins in `output`.
    static func close<Sum: Checksum>(_ output: inout [UInt8], from start: Int, _ sum: Sum.Type) {
        let crc = Sum.crc32c(output.span.extracting(start...), seed: 0)
        output.appendLE(crc)
    }

    /// Whether the CRC that ends the frame fits; `frame` is the frame and nothing else.
    static func isIntact<Sum: Checksum>(_ frame: Span<UInt8>, _ sum: Sum.Type) -> Bool {
        guard frame.count >= byteCount + 4, let crc = frame.uint32LE(at: frame.count - 4) else { return false }
        return Sum.crc32c(frame.extracting(0..<frame.count - 4), seed: 0) == crc
    }
}

extension [UInt8] {
    /// Overwrites the four bytes at `offset`.
    mutating func replaceLE(_ value: UInt32, at offset: Int) {
        for byte in 0..<4 { self[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte))) }
    }
}
