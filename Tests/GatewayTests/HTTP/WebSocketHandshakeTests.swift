import Protocols
import Testing
import WireTestKit

@testable import Gateway

/// A WebSocket begins where the server has read the request, and its frames stay readable.
@Suite struct WebSocketHandshakeTests {
    private var proxy = ScriptedProxy()

    /// The handshake of RFC 6455 §1.3.
    private static let upgrade = "Connection: Upgrade\r\nUpgrade: websocket"
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private static func request(_ fields: String...) -> String {
        "GET /ws HTTP/1.1\r\nHost: a\r\n\(upgrade)\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n"
    }

    @Test(arguments: Chunking.all)
    mutating func `the server's answer has to belong to the client's key`(chunking: Chunking) {
        proxy.client(Self.request(Self.key), chunking)
        proxy.server(.head("HTTP/1.1 101 Switching Protocols", Self.upgrade, Self.accept) + "\u{1}\u{2}hi", chunking)
        #expect(proxy.answered().hasSuffix("\r\n\r\n\u{1}\u{2}hi"))
        #expect(proxy.end == nil)
    }

    @Test(arguments: [
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", "Sec-WebSocket-Accept:", "X: y",
        "\(accept)\r\n\(accept)", "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=",
        "\(accept)\r\nSec-WebSocket-Extensions: permessage-deflate",
    ])
    mutating func `any other answer is refused, and nothing of it reaches the client`(fields: String) {
        proxy.client(Self.request(Self.key))
        proxy.server(.head("HTTP/1.1 101 Switching Protocols", Self.upgrade, fields) + "\u{1}\u{2}hi")
        let answer = proxy.answered()
        #expect(answer.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(!answer.contains("hi\u{1}") && !answer.contains("Switching"))
        #expect(proxy.end?.contains("WebSocket handshake") == true)
    }

    @Test(arguments: ["X: y", "\(key)\r\n\(key)"])
    mutating func `without the one key no answer is right`(fields: String) {
        proxy.client(Self.request(fields))
        proxy.server(.head("HTTP/1.1 101 Switching Protocols", Self.upgrade, Self.accept))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
    }

    @Test mutating func `a server cannot begin a WebSocket that nobody asked for`() {
        proxy.client("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        #expect(!proxy.received().contains("Upgrade"))
        proxy.server(.head("HTTP/1.1 101 Switching Protocols", Self.upgrade, Self.accept))
        #expect(proxy.answered().hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(proxy.end != nil)
    }

    @Test mutating func `extensions are not offered, and the recording says so`() {
        proxy.client(
            Self.request(
                Self.key, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
                "sec-websocket-extensions: foo"))
        #expect(!proxy.received().lowercased().contains("sec-websocket-extensions"))
        let reasons = proxy.entries.compactMap { if case .note(let note) = $0 { note.reason } else { nil } }
        #expect(
            reasons == [
                "the head for the upstream, without extensions of the WebSocket, so that its frames stay readable"
            ])
    }
}
