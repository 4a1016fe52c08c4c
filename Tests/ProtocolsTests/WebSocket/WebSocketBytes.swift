import Protocols
import Testing
import WireTestKit

/// A frame as a client or a server would send it.
func frame(
    _ direction: Direction, _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0,
    mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
) -> WireTurn {
    let isMasked = direction == .clientToServer
    var bytes = [opcode.rawValue | (isFinal ? 0x80 : 0) | reserved]
    let flag: UInt8 = isMasked ? 0x80 : 0
    if payload.count < 126 {
        bytes.append(flag | UInt8(payload.count))
    } else if payload.count < 65_536 {
        bytes += [flag | 126] + bigEndian(UInt64(payload.count)).suffix(2)
    } else {
        bytes += [flag | 127] + bigEndian(UInt64(payload.count))
    }
    guard isMasked else { return .bytes(bytes + payload, direction) }
    return .bytes(bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }, direction)
}

private func bigEndian(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }

/// A handshake after which both directions are frames.
let webSocketHandshake: [WireTurn] = [
    client("GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"),
]
