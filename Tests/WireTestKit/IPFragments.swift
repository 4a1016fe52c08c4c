import Protocols
import Replayer

/// Packets of a connection cut into fragments (RFC 791 §3.2, RFC 8200 §4.5), from 10.0.0.1 to 10.0.0.2 or fd00::1 to fd00::2.
public enum IPFragments {
    public enum Version: Sendable, Hashable, CaseIterable {
        case four
        case six
        /// With destination options, which are part of what is cut.
        case sixWithOptions
    }

    /// - Parameters:
    ///   - size: bytes of each fragment's content, a multiple of 8.
    ///   - identification: what the fragments have in common.
    public static func cut(
        _ packet: TCPScript.Packet, _ version: Version, size: Int, identification: UInt16
    ) -> [[UInt8]] {
        // Eight bytes of padding (RFC 8200 §4.6), and TCP behind them.
        let content = (version == .sixWithOptions ? [6, 0, 1, 4, 0, 0, 0, 0] : []) + CaptureWriter.tcp(packet)
        return stride(from: 0, to: content.count, by: size).map { offset in
            let piece = Array(content[offset..<min(content.count, offset + size)])
            let isLast = offset + piece.count == content.count
            return fragment(piece, version, packet, identification, offset: offset, isLast: isLast)
        }
    }

    /// One fragment, whether or not it fits any others.
    public static func fragment(
        _ piece: [UInt8], _ version: Version, _ packet: TCPScript.Packet, _ identification: UInt16, offset: Int,
        isLast: Bool
    ) -> [UInt8] {
        let ends: [UInt8] = packet.sender == .lower ? [1, 2] : [2, 1]
        var bytes: [UInt8] = []
        switch version {
        case .four:
            bytes = [0x45, 0]
            bytes.appendBE(UInt16(20 + piece.count))
            bytes.appendBE(identification)
            bytes.appendBE(UInt16(offset / 8) | (isLast ? 0 : 0x2000))
            bytes += [64, 6, 0, 0, 10, 0, 0, ends[0], 10, 0, 0, ends[1]]
        case .six, .sixWithOptions:
            bytes = [0x60, 0, 0, 0]
            bytes.appendBE(UInt16(8 + piece.count))
            bytes += [44, 64]
            for end in ends { bytes += [0xfd] + [UInt8](repeating: 0, count: 14) + [end] }
            bytes += [version == .six ? 6 : 60, 0]
            bytes.appendBE(UInt16(offset) | (isLast ? 0 : 1))
            bytes.appendBE(UInt32(identification))
        }
        return bytes + piece
    }
}
