import Protocols

/// Makes the messages of a WebSocket, as Chromium's developer tools write them.
struct HARMessages: Sendable {
    private var assemblers = [WebSocketAssembler(limit: HARBody.maximum), WebSocketAssembler(limit: HARBody.maximum)]
    private var isBroken = [false, false]

    mutating func begin(_ frame: WebSocketFrameHead, _ direction: Direction, at time: Timestamp) -> JSON? {
        assemblers[direction.slot].begin(frame).flatMap { tell($0, direction, at: time) }
    }

    mutating func payload(_ bytes: Span<UInt8>, _ direction: Direction, isLast: Bool, at time: Timestamp) -> JSON? {
        assemblers[direction.slot].payload(bytes, isLast: isLast).flatMap { tell($0, direction, at: time) }
    }

    /// A hole within a frame.
    mutating func skip(_ direction: Direction) { isBroken[direction.slot] = true }

    /// Pings and pongs are not told.
    private mutating func tell(_ message: WebSocketMessage, _ direction: Direction, at time: Timestamp) -> JSON? {
        let isBroken = exchange(&isBroken[direction.slot], with: false)
        guard message.opcode != .ping, message.opcode != .pong else { return nil }
        var members: [String: JSON] = [
            "type": direction == .clientToServer ? "send" : "receive",
            "time": .double(Double(time.wallNanoseconds / 1000) / 1_000_000),
            "opcode": .integer(Int64(message.opcode.rawValue)),
        ]
        if message.opcode == .text, let text = String(validating: message.payload, as: UTF8.self) {
            members["data"] = .string(text)
        } else {
            members["data"] = .bytes(message.payload)
        }
        var comments: [String] = []
        if message.isCompressed { comments.append("as it was sent: compressed by permessage-deflate") }
        if message.isCut { comments.append("its beginning, of \(message.byteCount) bytes") }
        if isBroken { comments.append("bytes of it are missing from the recording") }
        if !comments.isEmpty { members["comment"] = .string(comments.joined(separator: "; ")) }
        return .object(members)
    }
}
