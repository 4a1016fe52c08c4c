/// Cuts one direction of a call into its messages: a byte of flags, four of length, and the message.
///
/// Of each message only the beginning is kept, and of many only the first.
struct GRPCMessageReader: Sendable {
    /// Of a message's bytes.
    static let bytesShown = 4096
    /// Messages.
    static let messagesShown = 20

    private(set) var shown: [GRPCMessage] = []
    /// Messages that have come whole.
    private(set) var count: UInt64 = 0
    /// Bytes of messages, without their prefixes.
    private(set) var byteCount: UInt64 = 0
    /// Nothing that follows can be told apart: a hole, or flags that no message has.
    private(set) var isBroken = false
    /// Bytes of messages that are kept.
    private(set) var heldCount = 0
    private var prefix: [UInt8] = []
    private var current: GRPCMessage?
    private var left: UInt64 = 0
    private var base64 = Base64Pieces()

    /// Ends in the middle of a message.
    var isTruncated: Bool { current != nil || !prefix.isEmpty }

    mutating func add(_ bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count, !isBroken {
            if current == nil {
                prefix.append(bytes[index])
                index += 1
                if prefix.count == 5 { begin() }
            } else {
                let length = Int(min(left, UInt64(bytes.count - index)))
                take(bytes.extracting(index..<index + length))
                index += length
            }
        }
    }

    /// Messages as gRPC-Web sends them where bytes have to pass as text.
    mutating func add(base64 text: Span<UInt8>) {
        let bytes = base64.decode(text)
        add(bytes.span)
        if base64.isBroken { lose() }
    }

    /// Bytes are missing, and with them where messages begin.
    mutating func lose() { isBroken = true }

    private mutating func begin() {
        let flags = prefix[0]
        guard flags & 0x7e == 0 else {
            isBroken = true
            return
        }
        left = UInt64(prefix.span.uint32BE(at: 1) ?? 0)
        prefix.removeAll(keepingCapacity: true)
        current = GRPCMessage(length: left, isCompressed: flags & 1 != 0, isTrailers: flags & 0x80 != 0)
        if left == 0 { end() }
    }

    private mutating func take(_ bytes: Span<UInt8>) {
        left -= UInt64(bytes.count)
        byteCount += UInt64(bytes.count)
        if shown.count < Self.messagesShown, let held = current?.beginning.count {
            let kept = min(bytes.count, Self.bytesShown - held)
            current?.beginning.append(bytes.extracting(0..<kept))
            heldCount += kept
        }
        if left == 0 { end() }
    }

    private mutating func end() {
        guard let message = exchange(&current, with: nil) else { return }
        if shown.count < Self.messagesShown { shown.append(message) }
        if !message.isTrailers { count += 1 }
    }
}
