import Protocols
import Testing
import WireTestKit

@Suite struct WebSocketTests {
    @Test func `a 101 makes both directions frames`() {
        let story = httpStory(
            webSocketHandshake + [
                frame(.clientToServer, .text, Array("hello".utf8)), frame(.serverToClient, .ping, []),
                frame(.clientToServer, .pong, []),
                frame(.serverToClient, .binary, [UInt8](repeating: 0x61, count: 126), isFinal: false),
                frame(.serverToClient, .ping, [0x62]), frame(.serverToClient, .continuation, [0x63]),
                frame(.clientToServer, .close, [0x03, 0xe8]), frame(.serverToClient, .close, [0x03, 0xe8]),
            ])
        #expect(story.fault == nil)
        #expect(
            story.client.filter { $0.contains("+") || $0.contains("pong") } == ["text 5 + 5", "pong 0", "close 2 + 2"])
        #expect(
            story.server.filter { !$0.hasSuffix(".") } == [
                "101 Switching Protocols none", "ping 0", "binary 126 … + 126", "ping 1 + 1", "continuation 1 + 1",
                "close 2 + 2",
            ])
    }

    @Test func `nothing behind an upgrade is read before its answer`() throws {
        let eager = httpStory([webSocketHandshake[0], frame(.clientToServer, .text, [0x61])])
        #expect(eager.client == ["GET /chat none"] && eager.fault == nil)
        let answered = httpStory([webSocketHandshake[0], frame(.clientToServer, .text, [0x61]), webSocketHandshake[1]])
        #expect(answered.client.count == 3 && answered.fault == nil)
        let declined = httpStory([
            webSocketHandshake[0], client("GET /b HTTP/1.1\r\nHost: x\r\n\r\n"),
            server("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        ])
        #expect(declined.client == ["GET /chat none", "GET /b none"])
    }

    @Test(
        arguments: [
            ("an unknown opcode", [0x83, 0x80, 0, 0, 0, 0]), ("a reserved bit", [0xc1, 0x80, 0, 0, 0, 0]),
            ("no mask", [0x81, 0x01, 0x61]), ("a long ping", [0x89, 0xfe, 0, 126]),
            ("a ping in fragments", [0x09, 0x80, 0, 0, 0, 0]), ("a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0]),
            ("two bytes of length for 125", [0x81, 0xfe, 0, 125, 0, 0, 0, 0]),
            ("eight bytes of length for 65,535", [0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0]),
            ("a length above 63 bits", [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("a message within another", [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0]),
            ("a frame behind the close", [0x88, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func `a frame that RFC 6455 forbids is the client's fault`(_ name: String, _ bytes: [UInt8]) {
        let story = httpStory(webSocketHandshake + [.bytes(bytes, .clientToServer)])
        #expect(story.fault?.direction == .clientToServer, "\(name)")
    }

    @Test func `a server that masks is at fault`() {
        let story = httpStory(webSocketHandshake + [.bytes([0x81, 0x80, 0, 0, 0, 0], .serverToClient)])
        #expect(story.fault?.direction == .serverToClient)
    }

    @Test func `compression is allowed where it was agreed on`() {
        let agreed = server(
            """
            HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n
            """)
        let compressed = frame(.clientToServer, .text, [1, 2], reserved: 0x40)
        #expect(httpStory([webSocketHandshake[0], agreed, compressed]).client[1] == "text 2 compressed + 2")
        let within = frame(.clientToServer, .text, [1], isFinal: false)
        let marked = frame(.clientToServer, .continuation, [1], reserved: 0x40)
        #expect(httpStory([webSocketHandshake[0], agreed, within, marked]).fault != nil)
    }
}

@Suite struct WebSocketAssemblerTests {
    /// The messages that the client's frames make, however they are cut.
    private func messages(_ frames: [WireTurn], limit: Int = 100, _ chunking: Chunking) throws -> [WebSocketMessage] {
        var session = WireSession(HTTPDecoder(limits: WireLimits()), limits: WireLimits())
        var assembler = WebSocketAssembler(limit: limit)
        var messages: [WebSocketMessage] = []
        var isFrame = false
        for case .bytes(let bytes, let direction) in webSocketHandshake + frames {
            for piece in chunking.pieces(of: bytes.count) {
                try session.feed(bytes.span.extracting(piece), direction) { event, _, _, bytes in
                    switch event {
                    case .message(.frame(let head)), .head(.frame(let head), _):
                        isFrame = true
                        if let message = assembler.begin(head) { messages.append(message) }
                    case .body(let isLast) where isFrame:
                        if let message = assembler.payload(bytes, isLast: isLast) { messages.append(message) }
                    default: break
                    }
                }
            }
        }
        return messages
    }

    @Test(arguments: Chunking.all)
    func `fragments are unmasked and put together, with a ping between them`(_ chunking: Chunking) throws {
        let found = try messages(
            [
                frame(.clientToServer, .text, Array("gr\u{fc}".utf8.prefix(3)), isFinal: false, mask: [1, 2, 3, 4]),
                frame(.clientToServer, .ping, [9], mask: [0xff, 0, 0, 0]),
                frame(.clientToServer, .continuation, [0xbc, 0xc3], isFinal: false),
                frame(.clientToServer, .continuation, [], isFinal: true),
                frame(.clientToServer, .close, [0x03, 0xe8] + Array("bye".utf8)),
            ], chunking)
        #expect(found.map(\.opcode) == [.ping, .text, .close])
        #expect(found[0].payload == [9])
        #expect(found[1].payload == Array("gr\u{fc}".utf8) + [0xc3] && !found[1].isValidText)
        #expect(found[2].close?.code == 1000 && found[2].close?.reason == "bye" && found[2].close?.isValid == true)
    }

    @Test func `what is longer than the limit is cut, and says so`() throws {
        let found = try messages([frame(.clientToServer, .binary, [UInt8](repeating: 7, count: 70_000))], .whole)
        #expect(found.count == 1 && found[0].isCut && found[0].byteCount == 70_000 && found[0].payload.count == 100)
    }

    @Test(
        arguments: [
            ([], true), ([0x03], false), ([0x03, 0xe8], true), ([0x03, 0xed], false), ([0x03, 0xf7], false),
            ([0x03, 0xe7], false), ([0x13, 0x88], false), ([0x0b, 0xb8], true), ([0x03, 0xe8, 0xff], false),
        ] as [([UInt8], Bool)])
    func `close codes that must not be sent are told`(_ payload: [UInt8], _ isValid: Bool) throws {
        let found = try messages([frame(.clientToServer, .close, payload)], .whole)
        #expect(found.first?.close?.isValid == isValid)
    }
}
