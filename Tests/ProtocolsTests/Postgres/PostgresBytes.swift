import Protocols
import WireTestKit

// Bytes of the protocol, written as the manual shows them: `"Q" + text("SELECT 1")`.

/// A tagged message.
func message(_ tag: Character, _ content: [UInt8]...) -> [UInt8] {
    let content = content.flatMap { $0 }
    return [tag.asciiValue!] + int32(4 + content.count) + content
}

/// An untagged packet.
func packet(_ content: [UInt8]...) -> [UInt8] {
    let content = content.flatMap { $0 }
    return int32(4 + content.count) + content
}

func int32(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBE(Int32(truncatingIfNeeded: value))
    return bytes
}

func int16(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBE(Int16(truncatingIfNeeded: value))
    return bytes
}

func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

func value(_ text: String?) -> [UInt8] {
    guard let text else { return int32(-1) }
    return int32(text.utf8.count) + Array(text.utf8)
}

func client(_ messages: [UInt8]...) -> WireTurn { .bytes(messages.flatMap { $0 }, .clientToServer) }

func server(_ messages: [UInt8]...) -> WireTurn { .bytes(messages.flatMap { $0 }, .serverToClient) }

enum Bytes {
    static let startup = packet(int32(0x30000), text("user"), text("alice"), [0])
    static let sslRequest = packet(int32(80_877_103))
    static let gssRequest = packet(int32(80_877_104))
    static let authenticationOk = message("R", int32(0))
    static let ready = message("Z", [UInt8(ascii: "I")])
    /// Startup packet and AuthenticationOk: a session is open.
    static let login = [client(startup), server(authenticationOk)]
}
