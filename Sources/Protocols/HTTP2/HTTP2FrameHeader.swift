/// The nine bytes that begin every frame (RFC 9113 §4.1).
struct HTTP2FrameHeader: Sendable, Equatable {
    static let byteCount = 9

    var length: Int
    var type: UInt8
    var flags: UInt8
    var stream: UInt32

    init?(_ bytes: Span<UInt8>, at index: Int) {
        guard let word = bytes.uint32BE(at: index), index + Self.byteCount <= bytes.count,
            let stream = bytes.uint32BE(at: index + 5)
        else { return nil }
        length = Int(word >> 8)
        type = UInt8(truncatingIfNeeded: word)
        flags = bytes[index + 4]
        // The highest bit is reserved; whoever reads ignores it.
        self.stream = stream & 0x7fff_ffff
    }

    enum Kind: UInt8, Sendable {
        case data = 0
        case headers
        case priority
        case reset
        case settings
        case pushPromise
        case ping
        case goAway
        case windowUpdate
        case continuation
    }

    var kind: Kind? { Kind(rawValue: type) }

    var endsStream: Bool { flags & 1 != 0 }
    var isAcknowledgement: Bool { flags & 1 != 0 }
    var endsHeaders: Bool { flags & 4 != 0 }
    var isPadded: Bool { flags & 8 != 0 }
    var hasPriority: Bool { flags & 0x20 != 0 }

    /// What the length and the stream of a frame must be (§6); `nil` when they are.
    var flaw: StaticString? {
        switch kind {
        case .data, .headers, .continuation, .pushPromise:
            return stream == 0 ? "a frame that needs a stream has none" : nil
        case .priority:
            return stream == 0 || length != 5 ? "a PRIORITY frame is malformed" : nil
        case .reset:
            return stream == 0 || length != 4 ? "a RST_STREAM frame is malformed" : nil
        case .settings:
            let fits = isAcknowledgement ? length == 0 : length % 6 == 0
            return stream != 0 || !fits ? "a SETTINGS frame is malformed" : nil
        case .ping:
            return stream != 0 || length != 8 ? "a PING frame is malformed" : nil
        case .goAway:
            return stream != 0 || length < 8 ? "a GOAWAY frame is malformed" : nil
        case .windowUpdate:
            return length != 4 ? "a WINDOW_UPDATE frame is malformed" : nil
        case nil:
            return nil
        }
    }

    /// Whether bytes that begin anywhere in a connection begin like this: a known frame, with flags it may have.
    var isPlausible: Bool {
        guard let kind, flaw == nil else { return false }
        let flagsAllowed: UInt8 =
            switch kind {
            case .data: 0x09
            case .headers: 0x2d
            case .settings, .ping: 0x01
            case .pushPromise: 0x0c
            case .continuation: 0x04
            case .priority, .reset, .goAway, .windowUpdate: 0
            }
        // What is not DATA is short; DATA is as long as SETTINGS_MAX_FRAME_SIZE of a few megabytes lets it be.
        return flags & ~flagsAllowed == 0 && length <= (kind == .data ? 4 << 20 : 64 << 10)
    }
}
