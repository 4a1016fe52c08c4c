import Adapters
import Protocols

/// What a server's 101 has to say for a WebSocket to begin (RFC 6455 §4.1): that it has read this very request.
struct WebSocketHandshake: Sendable, Equatable {
    private let accept: String

    /// `nil` where the request asks for no WebSocket, or has not the one key that this takes.
    init?(_ head: HTTPRequestHead, _ bytes: Span<UInt8>) {
        guard head.upgrade == .webSocket, let key = head.fields.first(.secWebSocketKey),
            head.fields.count(where: { $0.name == .secWebSocketKey }) == 1
        else { return nil }
        let text = [UInt8](copying: bytes.extracting(key.valueRange)) + Self.suffix
        accept = Base64.encode(OpenSSLCryptography.sha1(text.span).span)
    }

    /// §1.3.
    private static let suffix = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)

    /// What is wrong with the server's answer; `nil`: nothing. No extension was offered, so it may agree on none.
    func objection(to head: HTTPResponseHead, _ bytes: Span<UInt8>) -> String? {
        let accepts = head.fields.filter { $0.name == .secWebSocketAccept }
        guard accepts.count == 1, accepts[0].value(in: bytes) == accept else {
            return "its Sec-WebSocket-Accept does not belong to the request's key"
        }
        return head.fields.contains(.secWebSocketExtensions) ? "it agrees on an extension that was not offered" : nil
    }
}
