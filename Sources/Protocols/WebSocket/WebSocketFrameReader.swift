/// Reads the frames of one direction, and watches that fragments follow one another (RFC 6455 §5.4).
struct WebSocketFrameReader: Sendable, Equatable {
    enum Found: Equatable {
        case needMore(Int)
        case head(WebSocketFrameHead, length: Int)
    }

    /// The first reserved bit means something: permessage-deflate was agreed on.
    private var allowsRSV1 = false
    /// A message has begun whose last fragment is still to come.
    private var isFragmented = false
    private var isClosed = false

    init() {}

    init(allowsRSV1: Bool) { self.allowsRSV1 = allowsRSV1 }

    /// Its memory, for snapshots.
    var flags: UInt8 { (allowsRSV1 ? 1 : 0) | (isFragmented ? 2 : 0) | (isClosed ? 4 : 0) }

    init?(flags: UInt8) {
        guard flags < 8 else { return nil }
        allowsRSV1 = flags & 1 != 0
        isFragmented = flags & 2 != 0
        isClosed = flags & 4 != 0
    }

    mutating func read(_ bytes: Span<UInt8>, _ direction: Direction) throws(WireFault) -> Found {
        func fault(_ reason: StaticString, at offset: Int) -> WireFault {
            WireFault(.malformed, reason, direction, at: offset)
        }
        guard !isClosed else { throw WireFault(.unexpectedMessage, "bytes behind a close frame", direction) }
        guard let opcode = WebSocketOpcode(rawValue: bytes[0] & 0x0f) else { throw fault("an unknown opcode", at: 0) }
        let isFinal = bytes[0] & 0x80 != 0
        let isCompressed = bytes[0] & 0x40 != 0
        let startsMessage = opcode == .text || opcode == .binary
        guard bytes[0] & 0x30 == 0, !isCompressed || allowsRSV1 && startsMessage else {
            throw fault("a reserved bit that nobody agreed on", at: 0)
        }
        guard isFinal || !opcode.isControl else { throw fault("a control frame in fragments", at: 0) }
        guard opcode.isControl || isFragmented == (opcode == .continuation) else {
            throw fault("fragments of two messages mixed", at: 0)
        }
        guard bytes.count >= 2 else { return .needMore(2) }
        let isMasked = bytes[1] & 0x80 != 0
        guard isMasked == (direction == .clientToServer) else {
            throw fault("a mask where none may be, or none where one must be", at: 1)
        }
        let short = bytes[1] & 0x7f
        guard short < 126 || !opcode.isControl else { throw fault("a control frame above 125 bytes", at: 1) }
        let lengthEnd = short < 126 ? 2 : short == 126 ? 4 : 10
        let end = lengthEnd + (isMasked ? 4 : 0)
        guard bytes.count >= end else { return .needMore(end) }
        guard let length = Self.length(bytes, short) else { throw fault("a length not in its shortest form", at: 1) }
        if !opcode.isControl { isFragmented = !isFinal }
        isClosed = opcode == .close
        let mask = isMasked ? bytes.uint32BE(at: lengthEnd) : nil
        let head = WebSocketFrameHead(
            opcode: opcode, isFinal: isFinal, isCompressed: isCompressed, mask: mask, payloadLength: length)
        return .head(head, length: end)
    }

    /// "The minimal number of bytes MUST be used", and the most significant bit is 0 (§5.2).
    private static func length(_ bytes: Span<UInt8>, _ short: UInt8) -> UInt64? {
        switch short {
        case 126:
            guard let length = bytes.uint16BE(at: 2), length >= 126 else { return nil }
            return UInt64(length)
        case 127:
            guard let length = bytes.uint64BE(at: 2), length > UInt64(UInt16.max), length >> 63 == 0 else { return nil }
            return length
        default: return UInt64(short)
        }
    }
}
