import Protocols

/// A fuzzer's input as a conversation.
public enum FuzzTurns {
    /// Each turn is a byte of direction (bit 7) and length (up to 126), and so many bytes. Length 127 is a hole of as many
    /// bytes as the next byte says.
    public static func read(_ input: ArraySlice<UInt8>) -> [WireTurn] {
        var turns: [WireTurn] = []
        var rest = input
        while let head = rest.popFirst() {
            let direction: Direction = head & 0x80 == 0 ? .clientToServer : .serverToClient
            if head & 0x7F == 127 {
                turns.append(.gap(UInt64(rest.popFirst() ?? 1), direction))
            } else {
                turns.append(.bytes(Array(rest.prefix(Int(head & 0x7F))), direction))
                rest = rest.dropFirst(Int(head & 0x7F))
            }
        }
        return turns
    }

    /// The same, written.
    public static func write(_ turns: [WireTurn]) -> [UInt8] {
        var output: [UInt8] = []
        for turn in turns {
            switch turn {
            case .gap(let length, let direction): output += [bit(direction) | 127, UInt8(clamping: length)]
            case .bytes(let bytes, let direction):
                for start in stride(from: 0, to: bytes.count, by: 126) {
                    let piece = bytes[start..<min(bytes.count, start + 126)]
                    output += [bit(direction) | UInt8(piece.count)] + piece
                }
            }
        }
        return output
    }

    private static func bit(_ direction: Direction) -> UInt8 { direction == .clientToServer ? 0 : 0x80 }
}
