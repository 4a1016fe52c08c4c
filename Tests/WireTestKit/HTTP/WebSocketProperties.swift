import Protocols

/// What must hold for every sequence of frames. The fuzzer and the replay of its finds share it.
public enum WebSocketProperties {
    /// A sentence on what does not hold, or `nil`. The input's first byte says whether compression was agreed on; then
    /// come turns, which follow a handshake.
    public static func violation(_ input: [UInt8]) -> String? {
        guard let setup = input.first else { return nil }
        let turns = handshake(compresses: setup & 1 != 0) + FuzzTurns.read(input.dropFirst())
        let limits = WireLimits()
        if let violation = HTTPProperties.violation(HTTPDecoder(limits: limits), limits, turns) { return violation }
        let whole = messages(turns, .whole)
        let dripped = messages(turns, .byteByByte)
        guard whole == dripped else { return "whole and dripped differ:\n\(whole)\n\(dripped)" }
        for message in whole where message.payload.count > limit || UInt64(message.payload.count) > message.byteCount {
            return "more is held than came or may be held: \(message)"
        }
        return nil
    }

    private static let limit = 64

    private static func handshake(compresses: Bool) -> [WireTurn] {
        let extensions = compresses ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        return [
            .bytes(Array("GET / HTTP/1.1\r\nHost: x\r\n\(upgrade)\r\n".utf8), .clientToServer),
            .bytes(Array("HTTP/1.1 101 \r\n\(upgrade)\(extensions)\r\n".utf8), .serverToClient),
        ]
    }

    /// The client's messages up to the first fault.
    private static func messages(_ turns: [WireTurn], _ chunking: Chunking) -> [WebSocketMessage] {
        var session = WireSession(HTTPDecoder(limits: WireLimits()), limits: WireLimits())
        var assembler = WebSocketAssembler(limit: limit)
        var messages: [WebSocketMessage] = []
        for case .bytes(let bytes, let direction) in turns {
            for piece in chunking.pieces(of: bytes.count) {
                do throws(WireFault) {
                    try session.feed(bytes.span.extracting(piece), direction) { event, direction, _, bytes in
                        guard direction == .clientToServer else { return }
                        if let message = assembler.read(event, bytes) { messages.append(message) }
                    }
                } catch { return messages }
            }
        }
        return messages
    }
}

extension WebSocketAssembler {
    fileprivate mutating func read(_ event: WireEvent<HTTPMessage>, _ bytes: Span<UInt8>) -> WebSocketMessage? {
        switch event {
        case .message(.frame(let head)), .head(.frame(let head), _): begin(head)
        case .body(let isLast): payload(bytes, isLast: isLast)
        default: nil
        }
    }
}
