import Protocols

/// HTTP/2 frames for tests.
struct HTTP2Bytes {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var encoder = HPACKEncoder()

    static func frame(_ type: UInt8, _ flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBE(UInt32(payload.count) << 8 | UInt32(type))
        bytes.append(flags)
        bytes.appendBE(stream)
        return bytes + payload
    }

    static func data(_ text: String, stream: UInt32, ends: Bool = false) -> [UInt8] {
        frame(0, ends ? 1 : 0, stream: stream, Array(text.utf8))
    }

    static func settings(_ pairs: [(UInt16, UInt32)] = []) -> [UInt8] {
        var payload: [UInt8] = []
        for (identifier, value) in pairs {
            payload.appendBE(identifier)
            payload.appendBE(value)
        }
        return frame(4, payload)
    }

    private static func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { frame(type, 0, payload) }

    static func reset(stream: UInt32, _ code: UInt32) -> [UInt8] {
        var payload: [UInt8] = []
        payload.appendBE(code)
        return frame(3, stream: stream, payload)
    }

    static func goAway(last: UInt32, _ code: UInt32, _ debug: String = "") -> [UInt8] {
        var payload: [UInt8] = []
        payload.appendBE(last)
        payload.appendBE(code)
        return frame(7, payload + Array(debug.utf8))
    }

    /// HEADERS, cut into so many frames.
    mutating func headers(_ fields: [(String, String)], stream: UInt32, ends: Bool = false, frames: Int = 1) -> [UInt8]
    {
        let block = encoder.encode(fields.map { HPACKField($0, $1) })
        let size = (block.count + frames - 1) / frames
        var bytes: [UInt8] = []
        for index in 0..<frames {
            let piece = Array(block.dropFirst(index * size).prefix(size))
            let flags: UInt8 = (index == frames - 1 ? 4 : 0) | (index == 0 && ends ? 1 : 0)
            bytes += Self.frame(index == 0 ? 1 : 9, flags, stream: stream, piece)
        }
        return bytes
    }

    /// A request without content.
    mutating func get(_ path: String, stream: UInt32, ends: Bool = true, frames: Int = 1) -> [UInt8] {
        headers(
            [(":method", "GET"), (":scheme", "https"), (":authority", "example.org"), (":path", path)], stream: stream,
            ends: ends, frames: frames)
    }

    mutating func call(_ method: String, stream: UInt32, _ more: [(String, String)] = []) -> [UInt8] {
        headers(
            [
                (":method", "POST"), (":scheme", "http"), (":authority", "orders"), (":path", "/" + method),
                ("content-type", "application/grpc"), ("te", "trailers"),
            ] + more, stream: stream)
    }

    /// A gRPC message in a DATA frame of its own.
    static func message(_ content: [UInt8], stream: UInt32, ends: Bool = false, compressed: Bool = false) -> [UInt8] {
        var payload: [UInt8] = [compressed ? 1 : 0]
        payload.appendBE(UInt32(content.count))
        return frame(0, ends ? 1 : 0, stream: stream, payload + content)
    }
}
